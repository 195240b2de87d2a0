#!/usr/bin/env python3
"""filters.py SAMPLES FORMATS - each filter of profgrep against `go tool pprof`'s of the same name.

Both filter one pprof file; what they write, as `go tool pprof -raw` shows it, must be the same samples. In one thing they
differ: pprof adds the calls of a leaf that it takes out to the calls of its caller; profgrep leaves them out.
"""
import collections
import glob
import gzip
import os
import re
import subprocess
import sys
import tempfile

SAMPLES, FORMATS = (os.path.abspath(a) for a in sys.argv[1:])
sys.path.insert(0, FORMATS)
sys.dont_write_bytecode = True
from make import function, location, msg, num, packed, strings  # noqa: E402

faults, tried = [], 0


def run(words, folder):
    env = {"PATH": os.environ["PATH"], "HOME": folder, "PPROF_TMPDIR": folder, "LC_ALL": "C.UTF-8"}
    p = subprocess.run(words, capture_output=True, text=True, errors="surrogateescape", env=env, timeout=120)
    if p.returncode:
        faults.append("%s: status %d: %s" % (" ".join(words), p.returncode, p.stderr))
    return p.stdout


def samples_of(path, folder):
    """{(frames leaf first, labels): sums of values} of a pprof file; samples that are all 0 say nothing."""
    text = run(["go", "tool", "pprof", "-symbolize=none", "-raw", path], folder)
    body, _, places = text.partition("\nSamples:\n")[2].partition("\n")[2].partition("Locations\n")
    location, at, samples = {}, None, []
    for line in places.partition("Mappings\n")[0].splitlines():
        found = re.match(r"\s*(\d+): 0x([0-9a-f]+) (?:M=(\d+) )?(.*)$", line)
        if found:
            at, line = location.setdefault(found[1], []), found[4] or "address %s of %s" % (found[2], found[3])
        # pb2pprof names a function that has no name by its file
        at.append(re.sub(r"^(\S+)(:\d+ s=\d+)$", r"\1 \1\2()", line.strip()))
    for line in body.splitlines():
        found = re.match(r"((?:\s*-?\d+)+): ([\d ]*)$", line)
        if found:
            samples.append(([int(v) for v in found[1].split()], found[2].split(), []))
        else:
            samples[-1][2].extend(sorted(line.split()))
    table = collections.Counter()
    for values, stack, labels in samples:
        frames = tuple(f for at in stack for f in location[at])
        for k, value in enumerate(values):
            table[frames, tuple(labels), k] += value
    return {key: value for key, value in table.items() if value}


def fields(data):
    """(number, bytes) of each field of a message that has varints and bytes only."""
    at = 0
    while at < len(data):
        start, (tag, at) = at, varint(data, at)
        size, at = varint(data, at)
        at += size if tag & 7 == 2 else 0
        yield tag >> 3, data[start:at], data[at - size:at] if tag & 7 == 2 else size


def varint(data, at):
    value = shift = 0
    while True:
        value |= (data[at] & 127) << shift
        at, shift = at + 1, shift + 7
        if data[at - 1] < 128:
            return value, at


def number_samples(path):
    """Each sample gets a label that nothing else has, so that its leaf can be told from what became of it."""
    with gzip.open(path) as f:
        parts = list(fields(f.read()))
    word = sum(number == 6 for number, _, _ in parts)
    out = [whole if number != 2 else msg(2, content, msg(3, num(1, word), num(3, i + 1)))
           for i, (number, whole, content) in enumerate(parts)]
    with gzip.open(path, "wb") as f:
        f.write(b"".join(out) + msg(6, b"sample"))


def without_moved_calls(samples, leaf_of, types):
    """Samples as pprof has them, but for the calls of leaves that are gone."""
    return {key: value for key, value in samples.items()
            if types[key[2]] not in ("calls", "primitive_calls") or key[0][0] == leaf_of[key[1]]}


def types_of(path, folder):
    text = run(["go", "tool", "pprof", "-symbolize=none", "-raw", path], folder)
    return [t.split("/")[0] for t in re.search(r"^Samples:\n(.*)$", text, re.M)[1].split()]


def compare(path, options, folder, leaf_of):
    global tried
    tried += 1
    theirs, ours = os.path.join(folder, "theirs.pb.gz"), os.path.join(folder, "ours.pb.gz")
    words = [o for name, value in options for o in ("-%s=%s" % (name, value),)]
    run(["go", "tool", "pprof", "-symbolize=none", "-proto", "-output=" + theirs] + words + [path], folder)
    words = [o for name, value in options for o in ("--" + name.replace("_", "-"), value)]
    run(["profgrep", "-q", "-o", os.path.join(folder, "ours.pb.zst")] + words + [path], folder)
    run(["profconv", "-q", "-t", "pprof", "-o", ours, os.path.join(folder, "ours.pb.zst")], folder)
    want, got = samples_of(theirs, folder), samples_of(ours, folder)
    if leaf_of:
        want = without_moved_calls(want, leaf_of, types_of(theirs, folder))
    if want != got:
        differ = [k for k in sorted(set(want) | set(got)) if want.get(k) != got.get(k)]
        faults.append("%s %s: %d of %d differ, such as %r: pprof %s, profgrep %s" % (
            path, words, len(differ), len(want), differ[0], want.get(differ[0]), got.get(differ[0])))
    return want


def labelled():
    """Stacks of a small server with thread, request and memory labels, with and without units."""
    words = ["", "samples", "count", "cpu", "nanoseconds", "main", "app.py", "serve", "parse", "render", "lib/json.py", "loads",
             "thread", "one", "two", "bytes", "kilobytes", "request", "size", "latency", "milliseconds", "user", "a=b,c",
             "run", "(anonymous namespace)::f(int)", "x.cc"]
    word = {w: i for i, w in enumerate(words)}

    def text(key, value):
        return msg(3, num(1, word[key]), num(2, word[value]))

    def number(key, value, unit=""):
        return msg(3, num(1, word[key]), num(3, value), num(4, word[unit]))

    functions = [("main", "app.py"), ("serve", "app.py"), ("parse", "app.py"), ("render", "app.py"), ("loads", "lib/json.py"),
                 ("(anonymous namespace)::f(int)", "x.cc"), ("run", "x.cc")]
    out = [msg(1, num(1, 1), num(2, 2)), msg(1, num(1, 3), num(2, 4))]
    stacks = [(1,), (2, 1), (3, 2, 1), (4, 2, 1), (5, 3, 2, 1), (5, 5, 4, 2, 1), (7, 6, 5, 1), (2, 4, 2, 1)]
    labels = [b"", text("thread", "one"), text("thread", "two") + text("user", "a=b,c"), number("bytes", 4096, "bytes"),
              number("bytes", 8, "kilobytes"), number("request", 100), number("size", 4096), number("size", 1048576, "bytes"),
              number("latency", 250, "milliseconds") + text("thread", "one"), number("latency", 1500, "milliseconds")]
    for i in range(60):
        stack = stacks[i * 7 % len(stacks)]
        out.append(msg(2, packed(1, *stack), packed(2, i + 1, 10 * i), labels[i % len(labels)]))
    for i, (name, file) in enumerate(functions, 1):
        out += [location(i, (i, 10 * i)), function(i, word[name], word[file], i)]
    return b"".join(out) + strings(*words)


FRAMES = [[("focus", "render|loads")], [("focus", "json")], [("ignore", "parse")], [("ignore", r"\.py$")], [("hide", "serve|report")],
          [("hide", "json")], [("show", "main|price|loads|find")], [("show", "shop|app")], [("show_from", "serve|report|parse")],
          [("show_from", "^nothing$")], [("prune_from", "loads|price|run|enum")], [("prune_from", "^.anonymous namespace.::f$")],
          [("focus", "serve|report"), ("ignore", "loads|find"), ("hide", "main"), ("show_from", "serve|report|check")],
          [("show", "e"), ("hide", "roll|se"), ("prune_from", "re")], [("focus", "(?i)MAIN"), ("prune_from", "main")]]
TAGS = [[("tagfocus", "one")], [("tagfocus", "thread:two,user")], [("tagfocus", "thread=one,two")], [("tagfocus", "user=b,c")],
        [("tagignore", "thread=one")], [("tagfocus", "4kb")], [("tagfocus", "bytes=4kb:")], [("tagfocus", ":8kb")],
        [("tagfocus", "4kb:2mb")], [("tagignore", "bytes=4kb:8kb")], [("tagfocus", "latency=200ms:1s")], [("tagfocus", "size=1mb")],
        [("tagfocus", "request=100")], [("tagfocus", "100bytes")], [("tagfocus", "4096")], [("tagfocus", "size=4096size")],
        [("tagshow", "thr|byte")], [("taghide", "s")], [("tagshow", "e"), ("taghide", "bytes")], [("tagroot", "thread")],
        [("tagleaf", "bytes")], [("tagroot", "thread,user"), ("tagleaf", "size,latency")],
        [("tagroot", "thread"), ("focus", "one"), ("hide", "main")],
        [("focus", "loads"), ("tagfocus", "one"), ("taghide", "latency"), ("prune_from", "parse")]]


def main():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "labelled.pb")
        with open(path, "wb") as f:
            f.write(labelled())
        paths, found = [path], 0
        for i, sample in enumerate(sorted(glob.glob(SAMPLES + "/new.*"))):
            paths.append(os.path.join(folder, "%d.pb.gz" % i))
            run(["profconv", "-q", "-t", "pprof", "-o", paths[-1], sample], folder)
            number_samples(paths[-1])
        paths += [os.path.join(FORMATS, "pprof", name, "input.pb.gz") for name in ("inlined", "addresses")]
        for path in paths:
            numbered = os.path.basename(path).split(".")[0].isdigit()
            leaf_of = {labels: frames[0] for frames, labels, _ in samples_of(path, folder)} if numbered else None
            for options in FRAMES + (TAGS if path == paths[0] else []):
                found += bool(compare(path, options, folder, leaf_of))
    if faults or found < tried / 3:
        print("\n".join(faults))
        sys.exit("%d faults; %d of %d filters left something" % (len(faults), found, tried))
    print("%d filters equal pprof's" % tried)


if __name__ == "__main__":
    main()
