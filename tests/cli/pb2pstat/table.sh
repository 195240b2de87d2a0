# what came from a pstats file goes back as it was, value by value
pstat2pb "$TESTS/formats/pstat/recursion/input.prof" | pb2pstat >back.pstats
python3 -c '
import marshal, sys
a, b = (marshal.load(open(f, "rb")) for f in sys.argv[1:])
print(a == b)' "$TESTS/formats/pstat/recursion/input.prof" back.pstats
