# times of one loop are held against nothing else, and what cannot be divided says so in its own words
printf 'raw times: 210 usec, 200 usec, 205 usec\n1000 loops, best of 3: 0.2 usec per loop\n' >loops
printf 'work 200\n' | python3 "$TESTS/cli/pb.py" plain type=time unit=nanoseconds kind=0
profdiff loops plain
echo "status $?"
profdiff plain loops
echo "status $?"
profdiff --normalize share --all plain loops
