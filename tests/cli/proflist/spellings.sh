# one file spelled in two ways by two profilers; and two files of one name
printf 'work (app.py:2) 3\n' >a.folded
printf 'work (/srv/app/app.py:2) 4\n' >b.folded
printf 'work (/srv/app/app.py:2) 4\nwork (/srv/other/app.py:2) 5\n' >c.folded
mkdir -p app && printf 'def work():\n    pass\n' >app/app.py && touch -d '2020-01-01' app/app.py
proflist --source-root . app.py a.folded b.folded
proflist app.py a.folded c.folded
echo "--- newer source"
touch -d '2020-01-01' a.folded && touch app/app.py
proflist --source-root app work a.folded 2>&1 >/dev/null
