# a side without samples is told, and everything is new
printf '' | python3 "$TESTS/cli/pb.py" none.pb type=samples unit=count kind=0
printf 'main;a 5\n' >new
profdiff none.pb new
profdiff none.pb none.pb
