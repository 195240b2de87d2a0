# status 1: done, and the answer is no
cp "$TESTS/formats/pprof/total-overflows/input.pb.gz" big.pb
profinfo --check big.pb
