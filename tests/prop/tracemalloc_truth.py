#!/usr/bin/env python3
"""tracemalloc_truth.py FORMATS - snapshots against Python's own tracemalloc.

Two snapshots of a program between which memory grew and went are made here: line by line, proftop --by line
must equal Snapshot.statistics('lineno'), and profdiff --by line must equal compare_to(..., 'lineno'); stacks
must equal the tracebacks. So must the totals of the committed snapshots that this Python can load.
"""
import glob
import json
import os
import subprocess
import sys
import tempfile
import tracemalloc

FORMATS = sys.argv[1]
faults = []


def run(*words):
    return json.loads(subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout)


def expect(what, got, want):
    if got != want:
        differ = sorted(k for k in set(got) | set(want) if got.get(k) != want.get(k))
        faults.append("%s: %s" % (what, ["%s: ours %s, Python's %s" % (k, got.get(k), want.get(k)) for k in differ[:3]]))


def place(statistic):
    frame = statistic.traceback[0]
    return frame.filename, frame.lineno


def spelled(traceback):
    return ";".join("%s:%d" % (f.filename, f.lineno) for f in traceback)  # oldest first


def statistics(path, snapshot):
    for kind, of in (("space", "size"), ("objects", "count")):
        rows = run("proftop", "--json", "--by", "line", "-n", "0", "-s", kind, path)["rows"]
        expect("%s: %s by line" % (path, kind), {(r["file"], r["line"]): r["flat"] for r in rows if r["flat"]},
               {place(s): getattr(s, of) for s in snapshot.statistics("lineno") if getattr(s, of)})
        rows = run("proftop", "--json", "--by", "stack", "-n", "0", "-s", kind, path)["rows"]
        expect("%s: %s by stack" % (path, kind), {r["name"]: r["flat"] for r in rows if r["flat"]},
               {spelled(s.traceback): getattr(s, of) for s in snapshot.statistics("traceback") if getattr(s, of)})


def comparison(old_path, old, new_path, new):
    for kind, of in (("space", "size"), ("objects", "count")):
        rows = run("profdiff", "--json", "--all", "--by", "line", "-s", kind, old_path, new_path)["rows"]
        got = {(r["file"], r["line"]): (r["base"], r["new"], r["delta"]) for r in rows if r["base"] or r["new"]}
        want = {}
        for s in new.compare_to(old, "lineno"):
            now, delta = getattr(s, of), getattr(s, of + "_diff")
            if now or delta:
                want[place(s)] = (now - delta, now, delta)
        expect("%s: difference by line" % kind, got, want)


def totals(path):
    try:
        snapshot = tracemalloc.Snapshot.load(path)
        traces = snapshot.traces._traces
        want = {"space": sum(t[-3 if len(t) == 4 else -2] for t in traces), "objects": len(traces)}
    except Exception:
        return  # no snapshot, or one that is refused on purpose
    told, = run("profinfo", "--json", path)["profiles"]
    expect(path, {t["name"]: t["total"] for t in told["types"]}, want)


def main():
    tracemalloc.start(4)
    kept = [bytearray(i) for i in range(300)] + [json.dumps({"k%d" % i: [i] * 10}) for i in range(200)]
    old = tracemalloc.take_snapshot()
    del kept[100:350]
    more = [str(i) * 10 for i in range(1000)]
    new = tracemalloc.take_snapshot()
    tracemalloc.stop()
    assert kept and more
    with tempfile.TemporaryDirectory() as folder:
        paths = [os.path.join(folder, name) for name in ("old.snap", "new.snap")]
        for path, snapshot in zip(paths, (old, new)):
            snapshot.dump(path)
            statistics(path, snapshot)
        comparison(paths[0], old, paths[1], new)
    for path in glob.glob(os.path.join(FORMATS, "tracemalloc", "*", "input.snap")):
        if not os.path.exists(os.path.join(os.path.dirname(path), "expected.exit")):
            totals(path)
    print("\n".join(faults))
    sys.exit(1 if faults else 0)


main()
