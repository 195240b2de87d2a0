#!/usr/bin/env python3
"""matrix.py SAMPLES FORMATS - every input by every writer: totals are conserved, or the loss is told in one line.

Readers and writers are those of `profconv --formats`. What we can read back is read back; of what we cannot, totals are taken
from the file itself (rows, callgrind).
"""
import glob
import json
import os
import re
import subprocess
import sys
import tempfile

SAMPLES, FORMATS = (os.path.abspath(a) for a in sys.argv[1:])
PER_FORMAT = 4  # inputs of each reader; the smallest ones
faults = []


def run(*words):
    return subprocess.run(words, capture_output=True, timeout=120)


def formats():
    """{name: (readable, writable)}"""
    text = run("profconv", "--formats").stdout.decode()
    return {m[1]: (m[2] == "r", m[3] == "w") for m in re.finditer(r"^(\w+) +([r-])([w-]) ", text, re.M)}


def totals(path, form=None):
    """[{type: total}] of the profiles in a file, of those that are sums; None where it cannot be read."""
    p = run("profinfo", "--json", *(["--from=" + form] if form else []), path)
    if p.returncode:
        return None
    return [{t["name"]: (t["unit"], t["total"]) for t in one["types"] if t["kind"] in ("sum", "gauge")} for one in json.loads(p.stdout)["profiles"]]


def rows_total(data):
    """The sum of self for each metric, which is its total where values are sums."""
    sums = {}
    for line in data.decode().splitlines():
        row = json.loads(line)
        sums[row["metric"]] = sums.get(row["metric"], 0) + row["self"]
    return sums


def written_total(form, path, types):
    """The totals of these types in what was written, by whatever can tell them."""
    with open(path, "rb") as f:
        data = f.read()
    if form == "rows":
        return [t for name, t in rows_total(data).items() if name in types]
    if form == "callgrind":
        return [int(re.search(rb"^totals: (\d+)$", data, re.M)[1])]
    again = totals(path, form)
    return None if again is None else [t for one in again for name, (_, t) in one.items() if name in types or form not in ("pb", "pprof")]


def expected(before, source, source_form, form, folder):
    """The totals to be found: of several profiles, those of each (pb), of all rows, or of the profile they are merged into."""
    if len(before) == 1 or form == "pb":
        return [t for one in before for _, t in one.values()]
    if form == "rows":
        return [sum(one[name][1] for one in before if name in one) for name in before[0]]
    merged = os.path.join(folder, "merged")
    run("profmerge", "-q", "--from=" + source_form, "-o", merged, source)
    return [t for one in totals(merged) for _, t in one.values()]


def check(source, form, source_form, folder):
    out = os.path.join(folder, "out")
    before = totals(source, source_form)
    p = run("profconv", "-f", source_form, "-t", form, "-o", out, source)
    told = p.stderr.decode(errors="replace").splitlines()
    where = "%s to %s" % (os.path.relpath(source, FORMATS), form)
    if p.returncode == 2:
        if len([line for line in told if "profconv: out" in line or form in line or out in line]) != 1:
            faults.append("%s: refused without a word: %s" % (where, told))
        return
    losses = [line for line in told if line.startswith("profconv: %s: " % out)]
    if len(losses) > 1:
        faults.append("%s: told on %d lines: %s" % (where, len(losses), losses))
    after = written_total(form, out, {name for one in before for name in one})
    if after is None:
        if formats()[form][0] and any(t for one in before for _, t in one.values()):
            faults.append("%s: what was written cannot be read: %s" % (where, run("profinfo", "--from=" + form, out).stderr))
        return
    ours = expected(before, source, source_form, form, folder)
    kept = all(t in ours for t in after if t) if after else not any(ours)
    if not kept and not losses:
        faults.append("%s: totals %s became %s, and nothing was told" % (where, ours, after))
    if len([t for t in ours if t]) > len(after) and form not in ("pb", "pprof", "rows") and not losses and len(before) == 1:
        faults.append("%s: values were lost without a word" % where)


def main():
    known, n = formats(), 0
    for reader, (readable, _) in known.items():
        inputs = sorted(glob.glob(os.path.join(FORMATS, reader, "*/input.*")), key=os.path.getsize)
        inputs = [i for i in inputs if readable and totals(i, reader) is not None][:PER_FORMAT]
        if reader in ("pstat", "folded"):
            inputs.append(os.path.join(SAMPLES, "new." + {"pstat": "prof"}.get(reader, reader)))
        for source in inputs:
            for writer, (_, writable) in known.items():
                if writable:
                    with tempfile.TemporaryDirectory() as folder:
                        check(source, writer, reader, folder)
                    n += 1
    print("\n".join(faults[:40]))
    print("%d pairs, %d faults" % (n, len(faults)))
    sys.exit(1 if faults or n < 50 else 0)


main()
