cd "$TESTS/formats/pprof/two-types" && pb2rows input.pb.gz
