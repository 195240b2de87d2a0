# a machine twice as slow: scaled to one total, to shares, by a function of known cost; rates need a duration
printf 'main;a 60\nmain;b 30\nmain;calibrate 10\n' >old
printf 'main;a 120\nmain;b 90\nmain;calibrate 20\n' >new
for how in none total share calibrate; do
    profdiff --all --normalize $how old new
done
profdiff --json --normalize share old new | grep -o '"unit":"[a-z]*"\|"name":"[a-z]*"\|"base":[0-9][0-9]*\|"new":[0-9][0-9]*'
profdiff --normalize rate old new
profdiff --normalize nothing old new
echo 'main;a 5000' | python3 "$TESTS/cli/pb.py" one.pb type=time unit=nanoseconds kind=0 duration=1000000000
echo 'main;a 9000' | python3 "$TESTS/cli/pb.py" two.pb type=time unit=nanoseconds kind=0 duration=3000000000
profdiff --normalize rate one.pb two.pb
