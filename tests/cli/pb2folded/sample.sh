f=$TESTS/formats/pprof/two-types/input.pb.gz
pb2folded "$f"
pb2folded -s samples "$f"
pb2folded -s 0 "$f"
