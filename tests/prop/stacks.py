#!/usr/bin/env python3
"""stacks.py - whole stacks made from pstats, against the stacks that really were.

record.py runs small programs and knows both. Own times must be equal to the nanosecond, for each function under each
caller; inclusive times of functions and callers, and the stacks themselves, may be off by what stands below.
"""
import marshal
import os
import subprocess
import sys
import tempfile
from collections import defaultdict

import record

# program: inclusive times of functions, those of callers, whole stacks, and their three innermost frames; in percent
LIMITS = {"recursion": (0, 0, 0.1, 0.1), "dispatcher": (0, 0, 0.1, 0.1), "mutual": (0.1, 0.1, 1, 1),
          "imports": (0.1, 0.1, 100, 20), "visitor": (0.1, 0.1, 1, 1), "ladder": (0.1, 0.1, 60, 35)}


def read(text):
    stacks = defaultdict(int)
    for line in text.splitlines():
        stack, value = line.rsplit(" ", 1)
        stacks[tuple(stack.split(";"))] += int(value)
    return stacks


def fold(stack):
    """Drops a circle whose functions all stand above it: how often recursion went round is nobody's claim."""
    out, at = [], {}
    for f in stack:
        if f in at and all(x in out[:at[f]] for x in out[at[f] + 1:]):
            for x in out[at[f] + 1:]:
                at.pop(x, None)
            out = out[:at[f] + 1]
            at = {x: i for i, x in enumerate(out)}
            continue
        at[f] = len(out)
        out.append(f)
    return tuple(out)


def sums(stacks):
    own, flat, cum, edge = (defaultdict(int) for _ in range(4))
    for s, v in stacks.items():
        own[s[-2:]] += v
        flat[s[-1]] += v
        for f in set(s):
            cum[f] += v
        for e in set(zip(s, s[1:])):
            edge[e] += v
    return own, flat, cum, edge


def off(a, b):
    return 100 * sum(abs(a.get(k, 0) - b.get(k, 0)) for k in set(a) | set(b)) / (sum(b.values()) or 1)


def distance(a, b, depth):
    short = [defaultdict(int), defaultdict(int)]
    for stacks, to in zip((a, b), short):
        for s, v in stacks.items():
            to[fold(s)[-depth:]] += v
    return off(*short) / 2


def tool(name, *args):
    return subprocess.run([name, *args], stdout=subprocess.PIPE, check=True).stdout


def check(name, folder):
    path = os.path.join(folder, name + ".pstats")
    recorded = record.record(record.PROGRAMS[name])
    with open(path, "wb") as f:
        marshal.dump(recorded.table(), f)
    ours, truth = read(tool("pb2folded", "-q", path).decode()), read(record.folded(recorded.stacks()))
    is_, should = sums(ours), sums(truth)
    assert is_[0] == {k: v for k, v in should[0].items() if v}, "%s: own times differ" % name
    figures = (off(is_[2], should[2]), off(is_[3], should[3]), distance(ours, truth, 10**9), distance(ours, truth, 3))
    print("%-11s %5d stacks, %5d true; off: functions %.3f%%, callers %.3f%%, stacks %.2f%%, of 3 frames %.2f%%"
          % ((name, len(ours), len(truth)) + figures))
    for figure, limit in zip(figures, LIMITS[name]):
        assert figure <= limit, "%s: %.3f%% is more than %.3f%%" % (name, figure, limit)
    whole, back = os.path.join(folder, "whole.pb.zst"), os.path.join(folder, "back.pstats")
    tool("pstat2pb", "--stacks", "whole", path, "-o", whole)
    tool("pb2pstat", whole, "-o", back)
    with open(path, "rb") as a, open(back, "rb") as b:
        x, y = marshal.load(a), marshal.load(b)
        assert x == y and list(x) == list(y), "%s: the table did not come back" % name


def main():
    sys.setrecursionlimit(5000)
    with tempfile.TemporaryDirectory() as folder:
        for name in record.PROGRAMS:
            check(name, folder)


main()
