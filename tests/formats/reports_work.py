# The work that make_reports.py measures: memory that grows and shrinks, in functions and in children.
import multiprocessing
import sys
import time

try:
    profile
except NameError:
    def profile(function):
        return function


@profile
def build(n):
    """Docstring, 12.3 MiB"""
    big = [i * 2 for i in range(n)]
    copy = big[:]
    del big

    return len(copy)


@profile
def alloc(mib):
    block = bytearray(mib * 2**20)
    time.sleep(0.1)
    return block


@profile
def recurse(n):
    time.sleep(0.02)
    return recurse(n - 1) if n else 0


@profile
def main():
    build(1000)
    first = alloc(16)
    second = alloc(8)
    del first
    recurse(2)
    return second


def child(k):
    block = bytearray((k + 1) * 4 * 2**20)
    time.sleep(0.2)
    return len(block)


if __name__ == "__main__":
    if "children" in sys.argv:
        with multiprocessing.Pool(2) as pool:
            pool.map(child, range(2))
    else:
        main()
