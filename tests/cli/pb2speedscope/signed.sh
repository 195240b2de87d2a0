# what grew and what shrank, each as a profile
pb2speedscope "$TESTS"/formats/pprof/negative/input.pb.gz
