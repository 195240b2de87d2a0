cd "$TESTS/formats/pprof/labels" && profinfo input.pb.gz
