"""gate.py - what the tests of stores share: recordings made to measure, and runs of samples/ci/perf-gate.sh."""
import marshal
import os
import random
import shutil
import subprocess
import sys

RUNS = 8
TIMES = {"parse": 400, "render": 300, "price": 200, "main": 50}  # milliseconds
faults = []


def check(good, what, got=None):
    if not good:
        faults.append(what)
        print("FAILED: %s" % what)
        if got is not None:
            print("  status %d\n%s%s" % (got.returncode, got.stdout, got.stderr))


def finish():
    sys.exit(1 if faults else 0)


def recording(path, seed, slower=1.0):
    """A pstats file of four functions, whose times vary by 2%; price may be slower."""
    chance = random.Random(seed)
    table = {}
    for line, (name, ms) in enumerate(TIMES.items(), 10):
        own = ms / 1000 * chance.uniform(0.98, 1.02) * (slower if name == "price" else 1)
        table[("shop.py", line, name)] = (10, 10, own, own, {})
    with open(path, "wb") as f:
        marshal.dump(table, f)


def recordings(folder, first, slower=1.0):
    os.makedirs(folder, exist_ok=True)
    paths = [os.path.join(folder, "%d.prof" % i) for i in range(RUNS)]
    for i, path in enumerate(paths):
        recording(path, first + i, slower)
    return paths


def watched(folder, names):
    """Puts in front of PATH commands of these names that note their arguments, then do their work."""
    os.makedirs(folder)
    for name in names:
        path = os.path.join(folder, name)
        with open(path, "w", encoding="utf-8") as f:
            f.write('#!/bin/sh\nprintf "%%s\\n" "$*" >>"%s/said"\nexec %s "$@"\n' % (folder, shutil.which(name)))
        os.chmod(path, 0o755)
    return folder + ":" + os.environ["PATH"]


class Gate:
    """The script in a folder of its own, with the variables of a store."""

    def __init__(self, script, folder, **variables):
        self.script, self.folder = script, folder
        os.makedirs(folder, exist_ok=True)
        self.env = {"PATH": os.environ["PATH"], "HOME": folder, "LC_ALL": "C.UTF-8", "PERF_RETRIES": "0", **variables}

    def __call__(self, *words, **variables):
        return subprocess.run([self.script, *words], cwd=self.folder, env={**self.env, **variables}, text=True,
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=300, check=False)

    def path(self, name):
        return os.path.join(self.folder, name)

    def read(self, name):
        with open(self.path(name), "rb") as f:
            return f.read()


def output(words, **how):
    return subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, check=True, timeout=300, **how).stdout
