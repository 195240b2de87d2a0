profmerge --by-label thread "$TESTS/formats/pprof/labels/input.pb.gz" | profinfo --json | grep -o '"total":[0-9]*'
