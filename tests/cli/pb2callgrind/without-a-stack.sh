# samples without a stack have a place, so that the total is kept
pb2callgrind "$TESTS"/formats/pb/empty-stack/input.pb
pb2callgrind "$TESTS"/formats/pprof/addresses/input.pb.gz
