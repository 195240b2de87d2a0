#!/usr/bin/env python3
"""filters.py SAMPLES FORMATS - laws of profgrep on every sample and every small input.

What a filter keeps and what its opposite keeps are the whole; a filter of a filtered profile changes nothing;
frames that are taken out leave the total alone unless nothing is left of a stack, but calls are those of the leaves that
are left; a stream is filtered
profile by profile; redacted profiles hold no name, and differ where their originals differ.
"""
import glob
import json
import os
import re
import subprocess
import sys
import tempfile

SAMPLES, FORMATS = sys.argv[1:]
faults = []


def run(*words, data=None):
    p = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, input=data, check=False)
    if p.returncode:
        faults.append("%s: %s" % (" ".join(words), p.stderr.decode()))
    return p.stdout


def grep(data, *options):
    return run("profgrep", "-q", *options, data=data)


CALLS = ("calls", "primitive_calls")


def by_type(data):
    """The sum of each column over all profiles of a stream; peaks are no sums."""
    profiles = json.loads(run("profinfo", "--json", data=data))["profiles"]
    return {t["name"]: sum(p["types"][k]["total"] for p in profiles) for k, t in enumerate(profiles[0]["types"])
            if t["kind"] in ("sum", "gauge")}


def totals(data):
    return list(by_type(data).values())


def calls_of_roots(data, name):
    """Calls of those functions that nothing but themselves stands above."""
    lines = run("pb2folded", "-q", "-s", name, data=data).decode("utf-8", "surrogateescape").splitlines()
    split = [(stack.split(";"), int(value)) for stack, _, value in (line.rpartition(" ") for line in lines)]
    return sum(value for frames, value in split if function(frames[0]) == function(frames[-1]))


def function(frame):
    """name (file) of name (file:line)"""
    return re.sub(r":\d+\)$", ")", frame)


def check(path, what, holds):
    if not holds:
        faults.append("%s: %s" % (path, what))


OPPOSITES = [("--focus", "--ignore", "a"), ("--focus", "--ignore", r"\.py"), ("--focus", "--ignore", "^<"),
             ("--tagfocus", "--tagignore", "thread"), ("--tagfocus", "--tagignore", "state=pending")]
SETTLED = [("--focus", "e"), ("--ignore", "a$"), ("--hide", "e"), ("--show", "a"), ("--show-from", "r"), ("--prune-from", "e"),
           ("--tagfocus", "thread"), ("--taghide", "a"), ("--tagshow", "a"), ("--only", "project"), ("--no-stdlib",),
           ("--no-idle",), ("--no-importlib",), ("--granularity", "file"), ("--granularity", "module"),
           ("--granularity", "line"), ("--collapse-recursion",), ("--depth", "2"), ("--min", "10%"), ("--trim-path", "/usr"),
           ("--map", "e=x"), ("--bare", "--focus", "^main$")]
HARMLESS = [("--collapse-recursion",), ("--granularity", "module"), ("--map", "a=b"), ("--redact",),
            ("--trim-path", "/usr/lib")]


def try_one(path, data):
    whole = totals(data)
    for keep, drop, expression in OPPOSITES:
        parts = [totals(grep(data, option, expression)) for option in (keep, drop)]
        check(path, "%s and %s %s are not the whole" % (keep, drop, expression), [a + b for a, b in zip(*parts)] == whole)
    for options in SETTLED:
        once = grep(data, *options)
        check(path, "%s twice is not %s once" % (options, options), grep(once, *options) == once)
    for options in HARMLESS:
        check(path, "%s changes the totals" % (options,), totals(grep(data, *options)) == whole)
    cut = by_type(grep(data, "--depth", "1"))
    for name, was in by_type(data).items():
        want = calls_of_roots(data, name) if name in CALLS else was
        check(path, "--depth 1 has %d %s, not %d" % (cut[name], name, want), cut[name] == want)
    check(path, "nothing asked for changes something", run("pb2folded", "-q", data=grep(data)) == run("pb2folded", "-q", data=data))
    once = grep(data, "--focus", "a")
    check(path, "a stream is not its profiles", grep(data + data, "--focus", "a") == once + once)


def try_redaction(path, data):
    hidden = grep(data, "--redact", "--salt", "one")
    check(path, "another salt gives the same names", grep(data, "--redact", "--salt", "two") != hidden)
    plain = subprocess.run(["zstd", "-dc"], input=hidden, stdout=subprocess.PIPE, check=True).stdout
    for row in json.loads(run("proftop", "--json", data=data))["rows"]:
        if len(row["name"]) > 7 and row["name"] not in ("function",):
            check(path, "%s is still there" % row["name"], row["name"].encode() not in plain)


def main():
    paths = glob.glob(SAMPLES + "/*.folded") + glob.glob(SAMPLES + "/run1.prof")
    for folder in sorted(glob.glob(FORMATS + "/*/*")):
        if not os.path.exists(folder + "/expected.exit"):
            paths += glob.glob(folder + "/input.*")
    chosen = sorted(paths)[::max(1, len(paths) // 8)]
    for path in chosen:
        # a reader that is only asked for by name is named by its folder
        name = os.path.basename(os.path.dirname(os.path.dirname(path)))
        source = ["--from=" + name] if os.path.basename(path).startswith("input.") else []
        data = run("profgrep", "-q", *source, path)  # without a pstats table
        try_one(path, data)
        try_redaction(path, data)
    if faults:
        print("\n".join(faults))
        sys.exit("%d faults" % len(faults))
    print("%d files keep every law" % len(chosen))


if __name__ == "__main__":
    main()
