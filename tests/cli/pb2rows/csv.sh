# one header, whatever the number of profiles
cd "$TESTS/formats/pprof" && pb2rows --csv two-types/input.pb.gz labels/input.pb.gz
profconv two-types/input.pb.gz labels/input.pb.gz | profconv -t rows --csv -
