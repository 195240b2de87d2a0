# what is called otherwise now is joined by hand: a function, a module's function, a module, a folder
cat >old <<'END'
main (app.py:1);load (app.py:5) 10
main (app.py:1);get (old/store.py:7) 20
main (app.py:1);put (old/store.py:9) 30
main (app.py:1);run (/a/old/x/tool.py:9) 40
END
cat >new <<'END'
main (app.py:1);read (app.py:5) 10
main (app.py:1);get (new/shelf.py:7) 20
main (app.py:1);put (new/shelf.py:9) 30
main (app.py:1);run (/b/now/y/tool.py:9) 41
END
profdiff --all old new
echo
profdiff --all --map load=read --map old.store=new.shelf --map /a/old/x=/b/now/y old new
echo
profdiff --all --map app.load=app.read old new | grep read
profdiff --map load old new
