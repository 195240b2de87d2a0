#!/usr/bin/env python3
"""gopprof.py SAMPLES FORMATS - `go tool pprof` on what pb2pprof writes, against our own proftop.

Of every input of every format that can be read, and of the samples. -raw: every sample, location and function is there, and
flat and cumulative values computed from them equal proftop's, function by function. -top: pprof's own table is the same.
-traces: their values sum up to those of all samples with a stack. All other views show something. None of it prints a warning.
profdiff --pb: pprof's table of the signed profile, and its own -diff_base, are profdiff's table.
"""
import glob
import json
import os
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import names

VIEWS = (["-top", "-cum"], ["-peek", "."], ["-tree"], ["-dot"])
NEWLINE = ("folded/escapes", "pstat/odd-names", "tracemalloc/odd-names")  # in names, which break pprof's tables
OVERFLOWS = ("pprof/total-overflows",)  # proftop refuses to sum it up
SAMPLES, FORMATS = (os.path.abspath(a) for a in sys.argv[1:])
faults = []


def run(words, folder):
    env = {"PATH": os.environ["PATH"], "HOME": folder, "PPROF_TMPDIR": folder, "LC_ALL": "C.UTF-8"}
    p = subprocess.run(words, capture_output=True, text=True, errors="surrogateescape", env=env, timeout=120)
    if p.returncode or p.stderr:
        faults.append("%s: status %d: %s" % (" ".join(words), p.returncode, p.stderr))
    return p.stdout


def add(table, name, flat, cum):
    was = table.get(name, (0, 0))
    table[name] = (was[0] + flat, was[1] + cum)


def proftop(path, kind, folder):
    """{name: (flat, cum)} as pprof has it in its default granularity, and how -raw spells each function."""
    top = json.loads(run(["proftop", "--json", "-n", "0", "-s", kind, path], folder))
    table, spelled = {}, {}
    for row in top["rows"]:
        add(table, row["name"], row["flat"], row["cum"])
        spelled["%s %s:" % (row["name"], row["file"])] = row["name"]
    add(table, "<unknown>", *table.pop("", (0, 0)))  # what pprof calls a function without a name
    spelled[":0 s=0"] = "<unknown>"
    return {name: v for name, v in table.items() if v != (0, 0)}, spelled


def types_of(path, folder):
    profile, = json.loads(run(["profinfo", "--json", path], folder))["profiles"]
    return [(t["name"], t["unit"]) for t in profile["types"]]


def raw(path, folder):
    """What -raw prints: sample types, samples as (values, location ids leaf first), {id: lines, leaf first}.

    A location without lines is called after its binary, as -top does.
    """
    text = run(["go", "tool", "pprof", "-symbolize=none", "-raw", path], folder)
    kinds, _, text = text.partition("\nSamples:\n")[2].partition("\n")
    body, _, places = text.partition("Locations\n")
    samples, location, at = [], {}, None
    for line in body.splitlines():
        found = re.match(r"((?:\s*-?\d+)+): ([\d ]*)$", line)
        if found:  # other lines are labels
            samples.append(([int(v) for v in found[1].split()], found[2].split()))
    places, _, mappings = places.partition("Mappings\n")
    binary = dict(re.findall(r"^(\d+): 0x\S+ (?:.*/)?(\S+)", mappings, re.M))
    for line in places.splitlines():
        found = re.match(r"\s*(\d+): 0x[0-9a-f]+ (?:M=(\d+) )?(.*)$", line)
        if found:
            at, line = location.setdefault(found[1], []), found[3] or "[%s]" % binary.get(found[2])
        at.append(line.strip())
    return [k.split("/")[0] for k in kinds.replace("[dflt]", "").split()], samples, location


def from_raw(path, kind, spelled, folder):
    kinds, samples, location = raw(path, folder)
    column, table, name_of = kinds.index(kind), {}, {}
    for at, lines in location.items():
        name_of[at] = [next((spelled[s] for s in spelled if line.startswith(s)), line) for line in lines]
    for values, stack in samples:
        names = [name for at in stack for name in name_of[at]]
        for name in set(names):
            add(table, name, 0, values[column])
        if names:
            add(table, names[0], values[column], 0)
    return {name: v for name, v in table.items() if v != (0, 0)}


def from_top(path, kind, unit, folder, *more):
    """pprof's table; every number in the type's own unit, so that nothing is rounded."""
    text = run(["go", "tool", "pprof", "-symbolize=none", "-top", "-nodecount=1000000", "-nodefraction=0", "-edgefraction=0",
                "-sample_index=" + kind, "-unit=" + unit, *more, path], folder)
    table, body = {}, text.partition("flat%")[2].partition("\n")[2]
    for line in body.splitlines():
        flat, _, _, cum, _, name = line.split(None, 5)
        add(table, re.sub(r" \(inline\)$| \(partial-inline\)$", "", name), *(int(re.sub(r"[a-zA-Z]+$", "", v)) for v in (flat, cum)))
    return {name: v for name, v in table.items() if v != (0, 0)}


def compare(path, what, ours, theirs, exact):
    for name in sorted(set(ours) | set(theirs)):
        a, b = ours.get(name, (0, 0)), theirs.get(name, (0, 0))
        if a[0] != b[0] or (exact and a != b):
            faults.append("%s: %s: %r: ours %s, pprof's %s" % (path, what, name, a, b))


def view(source, path, folder):
    exact = json.loads(run(["profinfo", "--json", path], folder))["profiles"][0]["stacks"] != "edge-only"
    for kind, unit in types_of(path, folder):
        ours, spelled = proftop(path, kind, folder)
        compare(source, "-top " + kind, ours, from_top(path, kind, unit, folder), exact)
        compare(source, "-raw " + kind, ours, from_raw(path, kind, spelled, folder), exact)


def differ(old, new, folder):
    """Flat values, and cumulative ones where stacks are whole: profdiff's deltas against pprof's two ways to see them."""
    exports = []
    for i, source in enumerate((old, new)):
        exports.append(os.path.join(folder, "%d.pb.gz" % i))
        run(["pb2pprof", "-q", "-o", exports[i], source], folder)
    signed, path = os.path.join(folder, "signed.pb.zst"), os.path.join(folder, "signed.pb.gz")
    run(["profdiff", "--pb", "-q", "-o", signed, *exports], folder)
    run(["pb2pprof", "-q", "-o", path, signed], folder)
    exact = json.loads(run(["profinfo", "--json", exports[0]], folder))["profiles"][0]["stacks"] != "edge-only"
    for kind, unit in types_of(exports[0], folder):
        ours = {}
        for cum in (False, True):
            report = json.loads(run(["profdiff", "--json", "--all", "-s", kind, *exports] + ["--cum"] * cum, folder))
            for row in report["rows"]:
                add(ours, row["name"], *((0, row["delta"]) if cum else (row["delta"], 0)))
        ours = {name: v for name, v in ours.items() if v != (0, 0)}
        compare(new, "profdiff --pb " + kind, ours, from_top(path, kind, unit, folder), exact)
        compare(new, "-diff_base " + kind, ours, from_top(exports[1], kind, unit, folder, "-diff_base=" + exports[0]), exact)


def traces(source, path, folder):
    """The values sum up to those of all samples that have a stack."""
    kinds, samples, _ = raw(path, folder)
    for kind, unit in types_of(path, folder):
        total = sum(values[kinds.index(kind)] for values, stack in samples if stack)
        text = run(["go", "tool", "pprof", "-symbolize=none", "-traces", "-sample_index=" + kind, "-unit=" + unit, path], folder)
        shown = sum(map(int, re.findall(r"^ *(-?\d+)[a-zA-Z]*   \S", text, re.M)))
        if shown != total:
            faults.append("%s: -traces %s: %d, not %d" % (source, kind, shown, total))


def views(source, folder):
    path = os.path.join(folder, "x.pb.gz")
    options = list(VIEWS)
    kinds, samples, _ = raw(path, folder)
    if not any(values[kinds.index(types_of(path, folder)[0][0])] for values, stack in samples if stack):
        options.remove(["-peek", "."])  # of nothing, pprof says that nothing matches
    text = run(["go", "tool", "pprof", "-symbolize=none", "-raw", path], folder)
    label = re.search(r"^ +([a-z]+):\[([\w.]+)\]", text, re.M)
    if label and label[1] not in ("pid", "tid", "domain"):  # numbers, whose filter takes ranges
        options.append(["-top", "-tagfocus=%s=^%s$" % (label[1], re.escape(label[2]))])
    for words in options + [["-top", "-diff_base", path]]:
        if not run(["go", "tool", "pprof", "-symbolize=none"] + words + [path], folder):
            faults.append("%s: pprof %s shows nothing" % (source, words))


def check(path, *options):
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "x.pb.gz")
        if subprocess.run(["pb2pprof", "-q", "-o", out, *options, path], capture_output=True).returncode:
            return 0  # an input that is there to be refused
        if not path.endswith(tuple(glob.glob(os.path.join(FORMATS, n, "input.*"))[0] for n in NEWLINE + OVERFLOWS)):
            view(path, out, folder)
            traces(path, out, folder)
        views(path, folder)
    return 1


def main():
    jobs = [(os.path.join(SAMPLES, f),) for f in ("old.prof", "new.prof", "old.folded", "new.folded")]
    for path in sorted(glob.glob(os.path.join(FORMATS, "*", "*", "input.*"))):
        jobs.append((path, "--from=" + os.path.relpath(path, FORMATS).split(os.sep)[0]))
    with ThreadPoolExecutor(2) as pool:
        seen = sum(pool.map(lambda job: check(*job), jobs))
    for suffix in ("prof", "folded"):
        with tempfile.TemporaryDirectory() as folder:
            differ(*(os.path.join(SAMPLES, "%s.%s" % (version, suffix)) for version in ("old", "new")), folder)
    print("\n".join(faults[:60]))
    sys.exit(1 if faults or seen < 150 else 0)


main()
