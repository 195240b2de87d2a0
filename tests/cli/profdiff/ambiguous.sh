# where one side has more of a name, the most alike are paired, and it is told
cat >old.folded <<'END'
run (app.py:3);row (app.py:10) 40
run (app.py:3);row (app.py:20) 900
END
cat >new.folded <<'END'
run (app.py:3);row (app.py:12) 44
run (app.py:3);row (app.py:17) 5
run (app.py:3);row (app.py:25) 880
END
profdiff --by line old.folded new.folded
echo
profdiff --by line --markdown old.folded new.folded
echo
profdiff --by line --csv --all old.folded new.folded
echo
profdiff --by line --json old.folded new.folded | grep -o '"line":[0-9]*\|"ambiguous":[a-z]*'
