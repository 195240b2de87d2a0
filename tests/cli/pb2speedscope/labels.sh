pb2speedscope <"$TESTS/formats/pprof/labels/input.pb.gz"
