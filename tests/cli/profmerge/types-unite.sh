# a sample type that only one side has is kept, with 0 for the other side
profmerge "$TESTS/formats/folded/plain/input.folded" "$TESTS/formats/pprof/two-types/input.pb.gz" | profinfo --json | grep -o '"types.*]'
