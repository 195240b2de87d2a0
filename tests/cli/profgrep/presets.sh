# whose code it is
cat >in.folded <<'X'
main (/srv/app/run.py:3);encode (/usr/lib/python3.11/json/encoder.py:200);<built-in method builtins.len> (~) 1
main (/srv/app/run.py:4);get (/usr/lib/python3/dist-packages/requests/api.py:60);send (/usr/lib/python3.11/socket.py:30) 2
main (/srv/app/run.py:1);_find_and_load (<frozen importlib._bootstrap>:1178);<module> (/srv/app/lib.py:1) 4
X
for option in "--only project" "--only stdlib" "--only site-packages" "--only builtin" --no-project --no-stdlib --no-site-packages --no-builtin --no-importlib; do
    echo "$option"
    profgrep -q $option in.folded | pb2folded
done
