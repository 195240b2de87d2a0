#!/usr/bin/env python3
"""truth.py SAMPLES PSTATS - profinfo --json against Python's own pstats module, for every file it can load.

Counts must be equal; the time is the sum of each function's time, rounded once to nanoseconds.
Files with integer timers tell their raw ticks. yappi's swapped counts are known by the file's folder.
Generated tables with thousands of functions are tried as well. Through the common format and back,
every value stays the same; merged, they equal what pstats.Stats.add makes of them up to its rounding.
"""
import glob
import json
import marshal
import math
import os
import pstats
import random
import subprocess
import sys
import tempfile
from fractions import Fraction

SAMPLES, PSTATS = sys.argv[1:]


def nanoseconds(t):
    return t if isinstance(t, int) else round(Fraction(t) * 10**9)  # half to even


def truth(path, swapped):
    try:
        table = pstats.Stats(path).stats
    except (ValueError, EOFError, TypeError, AttributeError, SystemError):
        return None  # what this Python cannot load: another version's strings, or no profile
    counts = [(nc, cc) if swapped else (cc, nc) for cc, nc, _, _, _ in table.values()]
    return {"functions": len(table), "primitive_calls": sum(c[0] for c in counts), "calls": sum(c[1] for c in counts),
            "time": sum(nanoseconds(tt) for _, _, tt, _, _ in table.values())}


def ours(path):
    p = subprocess.run(["profinfo", "--json", path], stdout=subprocess.PIPE, check=True)
    profile, = json.loads(p.stdout)["profiles"]
    told = {t["name"]: t["total"] for t in profile["types"]}
    told["functions"] = profile["functions"]
    return told, profile


def generated(folder, seed):
    """A table as merged by pstats.Stats.add: counts beyond 32 bits, odd and negative times."""
    rng = random.Random(seed)
    keys = [("lib/m%d.py" % (i % 7), i, "f%d" % (i % 50)) for i in range(rng.choice((1, 10, 3000)))]
    table = {}
    for key in keys:
        callers = {}
        for caller in rng.sample(keys, min(len(keys), rng.randrange(4))):
            callers[caller] = (rng.randrange(1, 2**34), 1, rng.random() * 1e-4, rng.random())
        nc = sum(c[0] for c in callers.values()) + rng.randrange(3)
        table[key] = (max(nc - 1, 0), nc, rng.uniform(-1e-6, 10.0 ** rng.randrange(-9, 5)), rng.random(), callers)
    path = os.path.join(folder, "generated-%d.prof" % seed)
    with open(path, "wb") as f:
        marshal.dump(table, f)
    return path


def compare(path, swapped=False):
    want = truth(path, swapped)
    if want is None:
        return 0
    told, profile = ours(path)
    bad = {k: (v, told.get(k)) for k, v in want.items() if told.get(k) != v}
    if bad or not profile["types"][0]["name"] == "time":
        print(path, "(Python's, ours):", bad, profile["types"])
        return 1
    return 0


def piped(folder, *commands):
    """What the last of the commands writes, as pstats loads it."""
    data = None
    for words in commands:
        data = subprocess.run(words, input=data, stdout=subprocess.PIPE, check=True).stdout
    path = os.path.join(folder, "piped.prof")
    with open(path, "wb") as f:
        f.write(data)
    return pstats.Stats(path).stats


def plain(x):
    """A table without the code object that the `profile` module stores as a name."""
    if isinstance(x, dict):
        return {plain(k): plain(v) for k, v in x.items()}
    if isinstance(x, tuple):
        return tuple(map(plain, x))
    if hasattr(x, "co_name"):
        return '<code object %s, file "%s", line %d>' % (x.co_name, x.co_filename, x.co_firstlineno)
    return x


def there_and_back(path, folder):
    if truth(path, False) is None:
        return 0
    before = plain(pstats.Stats(path).stats)
    if repr(piped(folder, ["pstat2pb", "-q", path], ["pb2pstat", "-q"])) == repr(before):
        return 0
    print(path, "is another after pstat2pb | pb2pstat")
    return 1


def near(a, b):
    """Equal, where floats were rounded once per addition by one side."""
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(near(a[k], b[k]) for k in a)
    if isinstance(a, tuple):
        return len(a) == len(b) and all(map(near, a, b))
    return math.isclose(a, b, rel_tol=1e-14, abs_tol=1e-18) if isinstance(a, float) else a == b


def merged(paths, folder):
    python = pstats.Stats(paths[0])
    for path in paths[1:]:
        python.add(path)
    if near(piped(folder, ["profmerge", "-q", *paths], ["pb2pstat", "-q"]), python.stats):
        return 0
    print("the sum of", paths, "is not that of pstats.Stats.add")
    return 1


def main():
    paths = sorted(glob.glob(os.path.join(SAMPLES, "*.prof")) + glob.glob(os.path.join(PSTATS, "*", "input.prof")))
    wrong = sum(compare(p, swapped="yappi" in p) for p in paths)
    with tempfile.TemporaryDirectory() as folder:
        made = [generated(folder, seed) for seed in range(12)]
        wrong += sum(compare(p) for p in made)
        wrong += sum(there_and_back(p, folder) for p in paths + made)
        wrong += merged([p for p in paths if "/run" in p], folder) + merged(made[:3], folder)
    sys.exit(1 if wrong or len(paths) < 10 else 0)


main()
