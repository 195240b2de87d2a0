#!/usr/bin/env python3
"""oom.py OOM.SO FORMATS - runs each tool with the n-th allocation failing, n = 1, 2, 3, ... until none fails.

Every run must end by itself: either with status 2 and a line on stderr, or as if nothing had failed; and
what it leaves in its folder is the whole output or no output.
"""
import os
import subprocess
import sys
import tempfile

OOM, FORMATS = sys.argv[1:]
PSTAT = os.path.join(FORMATS, "pstat/recursion/input.prof")
PPROF = os.path.join(FORMATS, "pprof/labels/input.pb.gz")
FOLDED = os.path.join(FORMATS, "folded/py-spy/input.folded")
SPEEDSCOPE = os.path.join(FORMATS, "speedscope/py-spy-subprocesses/input.json")
TRACE = os.path.join(FORMATS, "chrometrace/names/input.json")
DUMP = os.path.join(FORMATS, "pyspydump/text-colours/input.json")
FLAME = os.path.join(FORMATS, "flamesvg/pruned/input.svg")
PYPERF = os.path.join(FORMATS, "pyperf/seconds/input.json")
TIMEIT = os.path.join(FORMATS, "timeit/verbose-3.11/input.txt")
MPROF = os.path.join(FORMATS, "mprof/v0.61-func/input.dat")
TRACEMALLOC = os.path.join(FORMATS, "tracemalloc/domains/input.snap")
RUNS = [
    ["pstat2pb", PSTAT, "-o", "out"],
    ["pprof2pb", PPROF, "-o", "out"],
    ["folded2pb", FOLDED],
    ["speedscope2pb", "-q", SPEEDSCOPE],
    ["chrometrace2pb", "-q", TRACE],
    ["pyspydump2pb", "-q", DUMP],
    ["pyperf2pb", "-q", PYPERF],
    ["flamesvg2pb", "-q", FLAME],
    ["tracemalloc2pb", "-q", TRACEMALLOC],
    ["pb2pprof", "-q", PSTAT, "-o", "out"],
    ["pstat2pb", "-q", "--stacks", "whole", PSTAT, "-o", "out"],
    ["pb2speedscope", "-q", TRACE],
    ["proftree", "-q", PSTAT],
    ["proftree", "-q", "--peek", "b", PSTAT],
    ["pb2folded", "-q", PPROF],
    ["profmerge", "-q", PSTAT, PSTAT, PPROF, "-o", "out"],
    ["profmerge", "--by-label", "thread", PPROF],
    ["profdiff", PSTAT, PSTAT],
    ["profdiff", "--json", PSTAT, PSTAT],
    ["profdiff", "--csv", FOLDED, FOLDED],
    ["profdiff", "--pb", "-o", "out", PSTAT, PSTAT],
    ["profdiff", "-q", "--by", "stack", PSTAT, PSTAT],
    ["profdiff", "-q", TIMEIT, TIMEIT],
    ["profdiff", "-q", MPROF, MPROF],
    ["proftop", PSTAT],
    ["proftop", "--json", PPROF],
    ["profinfo", FOLDED],
    ["profinfo", "--json", PSTAT],
    ["profinfo", "--check", PSTAT],
    ["profinfo", "--help"],
]
MOST = 20000


def run(words, n):
    """(status, stdout, stderr, files left, whether an allocation was refused)"""
    with tempfile.TemporaryDirectory() as cwd:
        told, tell = os.pipe()
        env = dict(os.environ, LD_PRELOAD=OOM, OOM_AT=str(n), OOM_FD=str(tell))
        p = subprocess.run(words, cwd=cwd, env=env, pass_fds=[tell], stdin=subprocess.DEVNULL, capture_output=True,
                           timeout=60)
        os.close(tell)
        refused = os.read(told, 1) != b""
        os.close(told)
        left = {}
        for name in os.listdir(cwd):
            with open(os.path.join(cwd, name), "rb") as f:
                left[name] = f.read()
        return p.returncode, p.stdout, p.stderr, left, refused


def fault(got, whole):
    status, out, err, left, _ = got
    if (status, out, left) == (whole[0], whole[1], whole[3]):
        return None
    if status != 2:
        return "status %d, and not the whole output" % status
    if not err.endswith(b"\n") or err.count(b"\n") != 1:
        return "stderr is not one line: %r" % err
    if left:
        return "left behind: %s" % ", ".join(left)
    return None


def sweep(words):
    whole = run(words, 0)
    if whole[0] != 0:
        return ["%s: status %d without any failure: %r" % (" ".join(words), whole[0], whole[2])]
    faults = []
    if not run(words, 1)[4]:
        return ["%s: %s refuses nothing" % (" ".join(words), OOM)]
    for n in range(1, MOST):
        got = run(words, n)
        why = fault(got, whole)
        if why:
            faults.append("%s: allocation %d: %s" % (" ".join(words), n, why))
        if not got[4]:
            print("%6d  %s" % (n - 1, " ".join(words)))
            return faults
    return faults + ["no end of allocations"]


def main():
    faults = [f for words in RUNS for f in sweep(words)]
    print("\n".join(faults[:50]))
    sys.exit(1 if faults else 0)


main()
