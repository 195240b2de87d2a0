"""tracemalloc_work.py OUT PROTOCOL FRAMES - a small program, and the snapshot of what it holds (Python 3.6 to 3.14)."""
import pickle
import sys
import tracemalloc

kept = []


def block(n):
    kept.append(bytearray(n))


def tree(depth):
    block(1000 + depth)
    if depth:
        tree(depth - 1)


def main():
    for i in range(3):
        block(5000)
    tree(4)


tracemalloc.start(int(sys.argv[3]))
main()
snapshot = tracemalloc.take_snapshot().filter_traces([tracemalloc.Filter(True, __file__)])
tracemalloc.stop()
with open(sys.argv[1], "wb") as f:
    pickle.dump(snapshot, f, int(sys.argv[2]))  # what Snapshot.dump does, with a protocol of our choice
