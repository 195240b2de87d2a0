# functions are joined without line numbers: a shifted line is no change
printf 'main (app.py:1);f (app.py:10) 5\n' >old
printf 'main (app.py:3);f (app.py:99) 5\n' >new
profdiff old new
