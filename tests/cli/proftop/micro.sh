# microseconds with either letter for micro are microseconds
for unit in us µs μs microseconds; do
    printf 'main 1500\nmain;f 2000\n' | python3 "$TESTS/cli/pb.py" x.pb type=wall unit=$unit kind=0
    proftop x.pb
    pb2speedscope -q x.pb | grep -o '"unit":"[a-z]*"'
    pb2pstat -q x.pb | proftop --csv
done
