# the same program elsewhere: another home, a virtual environment, compiled, in a zip, frozen, at other addresses
cat >old <<'END'
run (/home/ann/src/shop/a/util.py:3);run (/home/ann/src/shop/b/util.py:3) 10
run (/home/ann/src/shop/a/util.py:3);go (/home/ann/src/shop/main.py:8) 11
get (/home/ann/venv/lib/python3.11/site-packages/requests/api.py:60) 12
dumps (/usr/lib/python3.9/json/__init__.py:183) 13
_find (<frozen importlib._bootstrap>:100) 14
<function f at 0x7f0011>;<bound method C.g of <app.C object at 0x7f00aa>> 15
load (/opt/app.zip/pkg/mod.py:4) 16
END
cat >new <<'END'
run (/builds/42/shop/a/util.py:5);run (/builds/42/shop/b/util.py:5) 20
run (/builds/42/shop/a/util.py:5);go (/builds/42/shop/main.py:9) 21
get (C:\venv\Lib\site-packages\requests\api.py:61) 22
dumps (/usr/lib/python3.13/json/__pycache__/__init__.cpython-313.pyc:180) 23
_find (/usr/lib/python3.13/importlib/_bootstrap.py:99) 24
<function f at 0x55aa00>;<bound method C.g of <app.C object at 0x550001>> 25
load (/srv/other.zip/pkg/mod.py:4) 26
END
profdiff --all --csv old new | cut -d, -f1-6
