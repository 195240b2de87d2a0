# timeit and pyperf: the times of one loop, whatever number of loops each run took; parts of a nanosecond count
printf 'raw times: 210 usec, 200 usec, 205 usec\n1000 loops, best of 3: 0.2 usec per loop\n' >old
printf 'raw times: 63 usec, 61.5 usec, 61.8 usec\n300 loops, best of 3: 205 nsec per loop\n' >new
profdiff old new
profdiff --json old new | head -1
profdiff -q --fail-if 'time > +3ns' old new >/dev/null
echo "status $?"
profdiff -q --fail-if 'time > +1.5ns' old new
echo "status $?"
profdiff -s loops old new
