# the least and the largest are of what a pstats file has measured, callers and callees, and no run had a call more than
# that; whole stacks are each run's own, on request
runs="$SAMPLES/run1.prof $SAMPLES/run2.prof $SAMPLES/run3.prof"
for run in $runs; do proftop --csv --columns flat,calls,name "$run" | grep -E 'roll_up|builtins.len'; done
for how in min max; do
    echo $how
    profmerge --runs $how $runs | proftop --csv --columns flat,calls,name | grep -E 'roll_up|builtins.len'
    profmerge --runs $how --stacks whole $runs | proftop -n 1 --sort cum
    profmerge --runs $how --by-label thread $runs | profinfo --json | grep -o '"stacks":"[a-z-]*"'
done
