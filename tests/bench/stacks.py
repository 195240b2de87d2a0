#!/usr/bin/env python3
"""stacks.py TOOLS [--score SCORE --truth FOLDER] [FILE...] - figures of whole stacks made from pstats.

FILE: pstats files, each with the CPU time and memory that pb2folded takes, and what the certificate says.
FOLDER: recordings, NAME.GROUP.pstats.zst with NAME.GROUP.true.folded.zst. SCORE is a program that is called as
`SCORE PSTATS FOLDED TRUE` and prints figures in percent, each behind its name; their means over each group follow.
"""
import argparse
import glob
import json
import os
import re
import subprocess
import sys
import tempfile
from collections import defaultdict


def run(tools, path, out):
    """CPU seconds and MiB of pb2folded."""
    pid = os.fork()
    if not pid:
        tool = os.path.join(tools, "pb2folded")
        os.execv(tool, [tool, "-q", "-o", out, path])
    _, status, used = os.wait4(pid, 0)
    if status:
        sys.exit("pb2folded fails on " + path)
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def certificate(tools, path):
    text = subprocess.run([os.path.join(tools, "profinfo"), "-q", "--json", "--stacks", "whole", path],
                          stdout=subprocess.PIPE, check=True).stdout
    c = json.loads(text)["profiles"][0]["certificate"]
    share = lambda what: 100 * c[what + "_error"] / (c[what + "_total"] or 1)
    return "stacks %d of at most %d, cum off %.3f%%, edge %.3f%%" % (c["stacks"], c["budget"], share("cum"), share("edge"))


def figures(score, path, out):
    true = path.replace(".pstats.zst", ".true.folded.zst")
    text = subprocess.run([sys.executable, score, path, out, true], stdout=subprocess.PIPE).stdout.decode()
    return {name: float(value) for name, value in re.findall(r"(\w+) ([0-9.]+)%", text)}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tools")
    parser.add_argument("--score")
    parser.add_argument("--truth")
    parser.add_argument("files", nargs="*")
    a = parser.parse_args()
    groups = defaultdict(list)
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "out.folded")
        for path in a.files:
            cpu, mib = run(a.tools, path, out)
            print("%-32s %6.2f s %6.0f MiB  %s" % (os.path.basename(path), cpu, mib, certificate(a.tools, path)))
        for path in sorted(glob.glob(os.path.join(a.truth, "*.pstats.zst"))) if a.truth else []:
            cpu, mib = run(a.tools, path, out)
            name = os.path.basename(path)[:-len(".pstats.zst")]
            f = figures(a.score, path, out)
            groups[name.rsplit(".", 1)[-1]].append(f)
            print("%-22s %5.2f s %4.0f MiB  %s" % (name, cpu, mib, "  ".join("%s %.3f" % x for x in f.items())), flush=True)
    for group, all_ in sorted(groups.items()):
        means = ((name, sum(f[name] for f in all_) / len(all_)) for name in all_[0])
        print("mean of %2d %-11s %s" % (len(all_), group, "  ".join("%s %.3f" % x for x in means)))


if __name__ == "__main__":
    main()
