# live bytes in three or more snapshots: growth per step, and what grows every time
mk() { python3 "$TESTS/cli/pb.py" "$@"; }
printf 'main;leak 100\nmain;cache 500\nmain;flat 7\nmain;gone 9\n' | mk 1.pb
printf 'main;leak 200\nmain;cache 900\nmain;flat 7\n' | mk 2.pb
printf 'main;leak 310\nmain;cache 800\nmain;flat 7\nmain;late 5\n' | mk 3.pb
printf 'main;leak 400\nmain;cache 850\nmain;flat 7\nmain;late 6\n' | mk 4.pb
profdiff --all 1.pb 2.pb 3.pb 4.pb
profconv 1.pb 2.pb 3.pb 4.pb | profdiff --csv | cut -d, -f1,5-7,24,25
profdiff --unit raw 1.pb 4.pb
