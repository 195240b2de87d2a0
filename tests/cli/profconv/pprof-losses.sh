# what pprof's viewers take otherwise than it is meant is told in one line: the table, peaks that they add up, samples without a stack
cd "$TESTS/formats" || exit
pb2pprof mprof/v0.61-func/input.dat >/dev/null
pb2pprof memprof/v0.57/input.txt >/dev/null
pb2pprof "$SAMPLES/old.folded" >/dev/null
