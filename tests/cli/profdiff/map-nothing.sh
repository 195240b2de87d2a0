# a map that matches nothing is told; --pb maps, too
printf 'main (app.py:1);load (app.py:5) 10\n' >old
printf 'main (app.py:1);read (app.py:5) 12\n' >new
profdiff --csv --map laod=read --map app.load=app.read old new | cut -d, -f1-7
profdiff --csv --by file --map load=read --map app.py=main.py old new | cut -d, -f1-7
profdiff --pb --map laod=read --map load=read old new | pb2folded -q
profdiff --pb -q --map laod=read old new | pb2folded -q
