cat "$TESTS/formats/pprof/two-types/input.pb.gz" | profmerge - "$TESTS/formats/pprof/plain/input.pb.gz" | proftop --csv
