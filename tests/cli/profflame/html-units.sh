# values are multiples of a unit, the same for both sample types here; a callee that came before is known by its place
cat >slow.log <<'EOF'
Executing <Task finished name='A' coro=<a() done, defined at a.py:3> result=None created at b.py:1> took 0.200 seconds
Executing <Task finished name='A' coro=<a() done, defined at a.py:3> result=None created at b.py:1> took 0.200 seconds
Executing <Task finished name='B' coro=<c() done, defined at a.py:9> result=None created at b.py:1> took 0.200 seconds
EOF
printf 'a;b;a;b 30\na;c 20\n' >twice.folded
for input in slow.log twice.folded; do
    profflame --to html "$input" | sed -n 's/.*id="data">\([^<]*\)<.*/\1/p' | base64 -d | gzip -dc |
        od -An -v -tx1 -w1 | tr -d ' ' | paste -sd' ' | fold -w 120
done
