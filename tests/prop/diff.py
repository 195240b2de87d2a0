#!/usr/bin/env python3
"""diff.py SAMPLES FORMATS - laws of profdiff, profmerge and the common format, seen from outside.

- a profile against itself, and against its own conversions, has no difference
- deltas add up to the difference of the totals; turning the sides round turns the signs
- merging is byte-identical in any order and in any grouping, through files and through streams
- converting is byte-identical from one run to the next
"""
import glob
import itertools
import json
import os
import subprocess
import sys
import tempfile

SAMPLES, FORMATS = (os.path.abspath(a) for a in sys.argv[1:])
faults = []


def run(*words, stdin=b""):
    p = subprocess.run(words, input=stdin, capture_output=True, timeout=120)
    if p.returncode:
        faults.append("%s: status %d: %s" % (" ".join(words), p.returncode, p.stderr.decode(errors="replace")))
    return p.stdout


def rows(*words, **how):
    return json.loads(run("profdiff", "--json", *words, **how) or '{"rows":[]}')["rows"]


def total(path, kind):
    profile, = json.loads(run("profinfo", "--json", path))["profiles"]
    return {t["name"]: t["total"] for t in profile["types"]}[kind]


def differing(found):
    return [r for r in found if r["delta"] or r["status"] != "both" or r["calls_base"] != r["calls_new"]]


def same_is_same(paths, folder):
    for path in paths:
        if differing(rows(path, path)):
            faults.append("%s differs from itself" % path)
        converted = os.path.join(folder, "same.pb.zst")
        run("profconv", "-o", converted, path)
        if differing(rows(path, converted)):
            faults.append("%s differs from its own conversion" % path)
        if run("profconv", path) != run("profconv", path):
            faults.append("%s: two conversions differ" % path)


def signs(old, new):
    for kind in ("time", "calls"):
        there, back = rows("-s", kind, old, new), rows("-s", kind, new, old)
        if sum(r["delta"] for r in there) != total(new, kind) - total(old, kind):
            faults.append("%s: the deltas do not add up to the difference of the totals" % kind)
        if any(r["new"] - r["base"] != r["delta"] for r in there):
            faults.append("%s: delta is not new - base" % kind)
        turn = {"new": "gone", "gone": "new", "both": "both"}
        if sorted((r["name"], -r["delta"], turn[r["status"]]) for r in there) != sorted(
                (r["name"], r["delta"], r["status"]) for r in back):
            faults.append("%s: turning the sides round does not turn the signs" % kind)


def merges(paths, folder):
    want = run("profmerge", *paths)
    for order in itertools.permutations(paths):
        if run("profmerge", *order) != want:
            faults.append("profmerge depends on the order: %s" % (order,))
    part = os.path.join(folder, "part.pb.zst")
    run("profmerge", "-o", part, *paths[1:])
    if run("profmerge", paths[0], part) != want:
        faults.append("profmerge depends on the grouping")
    if run("profmerge", stdin=run("profconv", *paths)) != want:
        faults.append("profmerge of a stream is another than that of files")
    merged = os.path.join(folder, "merged.pb.zst")
    run("profmerge", "-o", merged, *paths)
    for kind in ("time", "calls", "primitive_calls"):
        parts = sum(total(p, kind) for p in paths)
        # times are summed as doubles and rounded once: at most half a nanosecond a function and file
        slack = 1000 if kind == "time" else 0
        if abs(total(merged, kind) - parts) > slack:
            faults.append("%s: the total of the sum is not the sum of the totals" % kind)


def main():
    old, new = (os.path.join(SAMPLES, f) for f in ("old.prof", "new.prof"))
    good = [p for p in sorted(glob.glob(os.path.join(FORMATS, "*", "*", "input.*")))
            if not os.path.exists(os.path.join(os.path.dirname(p), "expected.exit"))]
    with tempfile.TemporaryDirectory() as folder:
        same_is_same(good + [old, new, os.path.join(SAMPLES, "old.folded")], folder)
        signs(old, new)
        merges([os.path.join(SAMPLES, "run%d.prof" % i) for i in (1, 2, 3)], folder)
    print("\n".join(faults))
    sys.exit(1 if faults else 0)


main()
