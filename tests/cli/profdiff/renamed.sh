# gone and new, of one file, as often called and at a similar cost: perhaps the same
cd "$SAMPLES" && profdiff --csv old.prof new.prof | cut -d, -f1,4,26 | grep -v both
printf 'main (a.py:1);old_name (a.py:5) 100\nmain (a.py:1);x (a.py:9) 7\n' >"$OLDPWD/old"
printf 'main (a.py:1);new_name (a.py:5) 110\nmain (a.py:1);y (a.py:9) 70\n' >"$OLDPWD/new"
cd "$OLDPWD" && profdiff old new
