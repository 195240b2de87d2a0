# costs have no sign: what grew is kept, what shrank is told
pb2callgrind "$TESTS"/formats/pprof/negative/input.pb.gz
