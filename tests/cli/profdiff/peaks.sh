# of peaks the largest counts, over the runs of a side and over time; --mean takes the mean over time
mk() { python3 "$TESTS/cli/pb.py" "$@" kind=2; }
printf 'main 100 time=1\nmain 300 time=2\nmain;f 200 time=3\n' | mk a.pb
printf 'main 100 time=1\nmain 310 time=2\nmain;f 100 time=3\n' | mk b.pb
printf 'main 100 time=1\nmain 400 time=2\nmain;f 220 time=3\n' | mk c.pb
profdiff --all -b a.pb -b b.pb c.pb
profdiff --all --mean --cum a.pb c.pb
