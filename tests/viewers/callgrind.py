#!/usr/bin/env python3
"""callgrind.py SAMPLES FORMATS - what callgrind_annotate makes of pb2callgrind's files.

Its totals and each function's own costs are ours; the inclusive cost of a function that is called is the sum over the calls of
it, and their numbers are the table's. No line is malformed, whatever the names are.
"""
import glob
import json
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import names

SAMPLES, FORMATS = (os.path.abspath(a) for a in sys.argv[1:])
faults = []


def run(*words):
    p = subprocess.run(words, capture_output=True, text=True, errors="surrogateescape", timeout=120)
    if p.returncode:
        faults.append("%s: status %d: %s" % (words, p.returncode, p.stderr))
    return p


def annotate(path, *options):
    """callgrind_annotate's total, and its table of functions as a sorted list of costs."""
    p = run("callgrind_annotate", "--threshold=100", "--auto=no", *options, path)
    if p.stderr:
        faults.append("%s: %s" % (path, p.stderr))
    total = re.search(r"^\s*([\d,]+) .*PROGRAM TOTALS", p.stdout, re.M)
    body = p.stdout.partition("file:function\n")[2].partition("\n")[2]
    return int(total[1].replace(",", "")) if total else 0, [
        int(m[1].replace(",", "")) for m in re.finditer(r"^\s*([\d,]+) \([ \d.]+%\)  ", body, re.M)]


def compare(source, folder):
    path = os.path.join(folder, "out.callgrind")
    run("pb2callgrind", "-q", "-o", path, source)
    top = json.loads(run("proftop", "--json", "-n", "0", source).stdout)
    total, costs = annotate(path)
    ours = sorted(r["flat"] for r in top["rows"] if r["flat"])
    if total != top["total"]:
        faults.append("%s: total %d, ours %d" % (source, total, top["total"]))
    if sum(costs) != total or sorted(c for c in costs if c) != ours:
        faults.append("%s: costs of functions differ: %s, ours %s" % (source, sorted(costs), ours))


def calls(folder):
    """The table of the recursion sample: exec calls a once, a calls b three times, b calls a three times."""
    path = os.path.join(folder, "calls.callgrind")
    run("pb2callgrind", "-q", "-o", path, os.path.join(FORMATS, "pstat/recursion/input.prof"))
    tree = run("callgrind_annotate", "--inclusive=yes", "--tree=calling", "--auto=no", path).stdout
    for want in (r"7,500,000,000 .*>   a\.py:a\.a \(1x\)", r"7,000,000,000 .*>   a\.py:a\.b \(3x\)", r"4,000,000,000 .*>   a\.py:a\.a \(3x\)"):
        if not re.search(want, tree):
            faults.append("no %s in\n%s" % (want, tree))


def main():
    paths = [os.path.join(SAMPLES, f) for f in ("old.prof", "new.prof", "old.folded", "new.folded")]
    for form in ("pstat/cprofile-*", "pstat/profile-*", "pstat/yappi", "pstat/recursion", "pstat/odd-names", "pprof/two-types",
                 "pprof/labels", "pprof/inlined", "folded/plain"):
        paths += sorted(glob.glob(os.path.join(FORMATS, form, "input.*")))
    with tempfile.TemporaryDirectory() as folder:
        calls(folder)
        for path in paths + [names.pstats(os.path.join(folder, "hostile.prof"))]:
            compare(path, folder)
    print("\n".join(faults[:40]))
    sys.exit(1 if faults or len(paths) < 12 else 0)


main()
