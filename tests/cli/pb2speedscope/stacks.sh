pb2speedscope "$TESTS/formats/pprof/two-types/input.pb.gz"
profconv -t speedscope -s samples "$TESTS/formats/pprof/two-types/input.pb.gz" | tail -n 8
