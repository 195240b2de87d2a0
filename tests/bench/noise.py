#!/usr/bin/env python3
"""noise.py TOOLS - does profdiff tell a change from noise on real runs? Not part of the test run: it takes minutes.

One program is profiled 20 times (cProfile on the CPU clock, PYTHONHASHSEED=0, a process each). Then

- false alarms: over all 92,378 splits of these 20 equal runs into 10 and 10, how often is some row of q below 0.05,
  and how often does the gate of the README fail? Computed here from pstats, by exact ranks; profdiff itself is asked
  about some of the splits, and must say the same.
- finds: 5 times, 10 runs of the program against 10 of one in which one function takes twice the time. The runs of both
  sides alternate, so that what else the machine does falls on both.
"""
import collections
import itertools
import json
import marshal
import math
import os
import random
import subprocess
import sys
import tempfile
from fractions import Fraction

TOOLS = os.path.abspath(sys.argv[1])
PYTHON = "/usr/bin/python3"
RUNS, HALF, LEVEL, TRIALS, ASKED = 20, 10, 0.05, 5, 12
GATE = "time > +10% and q < 0.05 and share > 1%"

PROGRAM = '''
import cProfile, json, re, sys, time
slow, output = sys.argv[1] == "slow", sys.argv[2]

def tokens(text):
    return re.findall(r"[a-z]+|[0-9]+", text)

def count(words):
    table = {}
    for w in words:
        table[w] = table.get(w, 0) + 1
    return table

def checksum(words):
    total = 0
    for w in words:
        for c in w:
            total = (total * 31 + ord(c)) & 0xffffffff
    return total

def score(table):
    return sorted(table.items(), key=rank)[:10]

def rank(item):
    return (-item[1], item[0])

def pack(rows):
    return json.loads(json.dumps(rows))

def matrix(n):
    a = [[(i * j) % 7 for j in range(n)] for i in range(n)]
    return [[sum(x * y for x, y in zip(r, c)) for c in zip(*a)] for r in a]

def main():
    text = " ".join("word%d of %d" % (i * i % 97, i) for i in range(900))
    for i in range(12):
        words = tokens(text)
        table = count(words)
        for _ in range(2 if slow else 1):
            checksum(words)
        pack(score(table))
    matrix(24)

p = cProfile.Profile(time.process_time)
p.runcall(main)
p.dump_stats(output)
'''


def profile(folder, name, slow=False):
    path = os.path.join(folder, name + ".prof")
    subprocess.run([PYTHON, os.path.join(folder, "program.py"), "slow" if slow else "plain", path], check=True,
                   env=dict(os.environ, PYTHONHASHSEED="0"))
    return path


def load(path):
    """{function: its own time in ns, as profdiff has it}"""
    with open(path, "rb") as f:
        return {key: round(Fraction(row[2]) * 10**9) for key, row in marshal.load(f).items()}


def profdiff(base, new, *words):
    sides = [w for path in base for w in ("-b", path)] + list(new)
    p = subprocess.run([os.path.join(TOOLS, "profdiff"), "-q", "--json", *sides, *words], capture_output=True, text=True)
    if p.returncode > 1:
        sys.exit(p.stderr)
    return p.returncode, json.loads(p.stdout)


# ---- all splits

def ranks2(values):
    order = sorted(values)
    first = {v: order.index(v) for v in set(values)}
    size = collections.Counter(values)
    return [2 * first[v] + 1 + size[v] for v in values]


def p_of_sums(ranks):
    """{sum of doubled ranks of a half: two-sided p}, by counting ways."""
    ways = [collections.Counter() for _ in range(HALF + 1)]
    ways[0][0] = 1
    for r in ranks:
        for k in range(HALF, 0, -1):
            for w, c in ways[k - 1].items():
                ways[k][w + r] += c
    middle, total = HALF * (RUNS + 1), math.comb(RUNS, HALF)
    far = collections.Counter()
    for w, c in ways[HALF].items():
        far[abs(w - middle)] += c
    beyond, p = 0, {}
    for distance in sorted(far, reverse=True):
        beyond += far[distance]
        p[distance] = beyond / total
    return {w: p[abs(w - middle)] for w in ways[HALF]}


def halves(numbers):
    """Sums over the runs of any mask: of its low ten bits, and of its high ten."""
    def table(part):
        return [sum(x for i, x in enumerate(part) if m >> i & 1) for m in range(1024)]
    return table(numbers[:10]), table(numbers[10:])


def false_alarms(runs):
    masks = [sum(1 << i for i in (0,) + rest) for rest in itertools.combinations(range(1, RUNS), HALF - 1)]
    rows = {k: [run.get(k, 0) for run in runs] for k in set().union(*runs)}
    rows = {k: v for k, v in rows.items() if len(set(v)) > 1}
    small = [[] for _ in masks]  # (p, row) below the level: no other can be significant
    for key, values in rows.items():
        ranks = ranks2(values)
        p, (low, high) = p_of_sums(ranks), halves(ranks)
        for i, m in enumerate(masks):
            chance = p[low[m & 1023] + high[m >> 10]]
            if chance <= LEVEL:
                small[i].append((chance, key))
    any_row, gates, total = set(), {}, [sum(run.values()) for run in runs]
    for i, found in enumerate(small):
        found.sort()
        last = max((n for n, (p, _) in enumerate(found, 1) if p * len(rows) / n <= LEVEL), default=0)
        if last:
            any_row.add(i)
        for side in (0, 1):  # either half may be the base
            new = [j for j in range(RUNS) if (masks[i] >> j & 1) == side]
            for _, key in found[:last]:
                now, was = sum(rows[key][j] for j in new), sum(rows[key]) - sum(rows[key][j] for j in new)
                if now > 1.1 * was and now > 0.01 * sum(total[j] for j in new):
                    gates.setdefault((i, side), []).append(key[2])
    return masks, len(rows), any_row, gates


def ask_profdiff(paths, masks, any_row, gates):
    """Splits at random, and some of those with an alarm."""
    rng = random.Random(1)
    asked = rng.sample(range(len(masks)), ASKED) + rng.sample(sorted(any_row), min(ASKED, len(any_row)))
    for i in asked + [i for i, _ in sorted(gates)[:ASKED]]:
        for side in (0, 1):
            new = [p for j, p in enumerate(paths) if (masks[i] >> j & 1) == side]
            base = [p for p in paths if p not in new]
            status, report = profdiff(base, new, "--all", "--fail-if", GATE)
            significant = any(r["q"] is not None and r["q"] <= LEVEL for r in report["rows"])
            if significant != (i in any_row) or (status == 1) != ((i, side) in gates):
                sys.exit("profdiff and this script differ about split %d" % i)
    return 2 * (len(asked) + min(ASKED, len(gates)))


def main():
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "program.py"), "w") as f:
            f.write(PROGRAM)
        paths = [profile(folder, "same%02d" % i) for i in range(RUNS)]
        masks, rows, any_row, gates = false_alarms([load(p) for p in paths])
        print("%d functions, %d splits of %d equal runs" % (rows, len(masks), RUNS))
        print("some row with q <= %g: %.2f %% of the splits" % (LEVEL, 100 * len(any_row) / len(masks)))
        print("the gate '%s' fails: %.2f %%" % (GATE, 100 * len(gates) / (2 * len(masks))))
        print("profdiff says the same of %d splits" % ask_profdiff(paths, masks, any_row, gates), flush=True)
        found = 0
        for trial in range(TRIALS):
            base, new = [], []
            for i in range(HALF):
                base.append(profile(folder, "base%d" % i))
                new.append(profile(folder, "new%d" % i, slow=True))
            status, report = profdiff(base, new, "--fail-if", GATE)
            named = report["gates"][0]["rows"]
            found += status == 1 and "checksum" in named
            row = next(r for r in report["rows"] if r["name"] == "checksum")
            print("trial %d: gate names %s; checksum %+.1f %%, q %.2g, %s" % (trial + 1, named, row["delta_pct"], row["q"], row["verdict"]), flush=True)
        print("twice the time in one function: found in %d of %d trials" % (found, TRIALS))
        sys.exit(0 if found >= 4 and len(any_row) <= LEVEL * len(masks) else 1)


main()
