# times become seconds; whole stacks become callers
pb2pstat "$TESTS/formats/pprof/two-types/input.pb.gz" -o two.pstats
python3 -c '
import pstats
for func, (cc, nc, tt, ct, callers) in sorted(pstats.Stats("two.pstats").stats.items()):
    print(func, cc, nc, tt, ct, callers)'
