#!/usr/bin/env python3
"""archive.py TOOLS [PROFILES [STACKS [DEPTH]]] - how large archives are, how fast one or all of the profiles come out.

Related profiles (random walks over the same 4,000 functions) become an archive, and .pb.gz in a zip; all of them are
merged by `profarchive cat | profmerge`, and by Go's pprof where that is installed. Then 100,000 small profiles: list and
get. Seconds are those of the processor, of all processes together; memory is that of the largest, or of this script where
that is larger.
"""
import gzip
import os
import random
import shutil
import subprocess
import sys
import tempfile
import zipfile

TOOLS = os.path.abspath(sys.argv[1])
PROFILES, STACKS, DEPTH = (int(n) for n in sys.argv[2:] + ["1000", "1000", "15"][len(sys.argv) - 2:])
SMALL = 100000
NAMES = ["pkg%d.mod%d.func_%d (/srv/app/pkg%d/mod%d.py:%d)" % (i % 17, i % 97, i, i % 17, i % 97, 10 + i % 900) for i in range(4000)]


def walk(seed, n, depth, names):
    """Folded stacks that share their beginnings, as those of programs do."""
    r, found, stack = random.Random(seed), set(), []
    while len(found) < n:
        stack = stack[:max(0, len(stack) - int(r.expovariate(1 / 3)) - 1)]
        want = int(r.gauss(depth, depth / 5)) if r.random() < .3 else len(stack) + 1 + int(r.expovariate(.25))
        while len(stack) < max(len(found) % 2 + 1, min(2 * depth, want)):
            stack.append(int(min(len(names) - 1, abs(r.gauss(len(stack) * len(names) / 100, len(names) / 20)))))
        found.add(tuple(stack))
    return "".join("%s %d\n" % (";".join(names[i] for i in s), 1 + int(r.paretovariate(1.3))) for s in sorted(found))


def run(command, cwd, **env):
    """Its output, its seconds and its megabytes."""
    with tempfile.TemporaryFile() as out:
        p = subprocess.Popen(command, shell=True, cwd=cwd, stdout=out, stderr=subprocess.DEVNULL,
                             env=dict(os.environ, PATH=TOOLS + ":" + os.environ["PATH"], **env))
        _, status, used = os.wait4(p.pid, 0)
        p.returncode = os.waitstatus_to_exitcode(status)
        if p.returncode:
            sys.exit("%s: status %d" % (command, p.returncode))
        out.seek(0)
        return out.read(), used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def related(cwd):
    raw = packed = 0
    with zipfile.ZipFile(os.path.join(cwd, "all.zip"), "w") as z:
        for k in range(PROFILES):
            with open(os.path.join(cwd, "%d.folded" % k), "w") as f:
                f.write(walk(k, STACKS, DEPTH, NAMES))
            run("pb2pprof %d.folded -o %d.pb.gz" % (k, k), cwd)
            with open(os.path.join(cwd, "%d.pb.gz" % k), "rb") as f:
                data = f.read()
            raw += len(gzip.decompress(data))
            packed += len(data)
            z.writestr("%d.pb.gz" % k, data)
    _, took, _ = run("find . -name '*.pb.gz' -print0 | xargs -0 -n 2000 profarchive add a.tar.zst", cwd)
    size, other = (os.path.getsize(os.path.join(cwd, f)) for f in ("a.tar.zst", "all.zip"))
    print("%d profiles, %.1f MB raw: archive %.2f MB in %.1f s, zip of .pb.gz %.2f MB: %.2f of it" % (
        PROFILES, raw / 1e6, size / 1e6, took, other / 1e6, size / other))


def merged(cwd):
    _, ours, memory = run("profarchive cat a.tar.zst | profmerge -o m.pb.zst", cwd)
    print("merged out of the archive: %.2f s, %.1f MB" % (ours, memory))
    if shutil.which("go") and PROFILES <= 10000:
        _, theirs, memory = run("go tool pprof -proto -output m.pb.gz *.pb.gz", cwd, PPROF_TMPDIR=cwd)
        print("by go tool pprof -proto: %.2f s, %.1f times as long, %.1f MB" % (theirs, theirs / ours, memory))


def small(cwd):
    for k in range(SMALL):
        with open(os.path.join(cwd, str(k)), "w") as f:
            f.write(walk(k, 5, 5, NAMES[:400]))
    run("find . -type f -print0 | xargs -0 -n 200000 profarchive add ../many.tar.zst", cwd)
    listed, took, memory = run("profarchive list many.tar.zst", os.path.dirname(cwd))
    ids = [line.split()[0].decode() for line in listed.splitlines()]
    print("list of %d: %.3f s, %.1f MB" % (len(ids), took, memory))
    times = sorted(run("profarchive get many.tar.zst %s" % i, os.path.dirname(cwd))[1] for i in random.Random(1).sample(ids, 15))
    print("get of one of them: %.1f ms (%.1f to %.1f)" % tuple(1000 * times[i] for i in (7, 0, -1)))


with tempfile.TemporaryDirectory() as top:
    for part in ("related", "small"):
        os.mkdir(os.path.join(top, part))
    related(os.path.join(top, "related"))
    merged(os.path.join(top, "related"))
    small(os.path.join(top, "small"))
