#!/usr/bin/env python3
"""io.py SAMPLES - what tools do when files, folders, pipes and disks say no.

A failure is told in one line with status 2, an old output stays whole, and a reader that goes away
ends the tool as SIGPIPE does.
"""
import os
import signal
import subprocess
import sys
import tempfile

SAMPLES = os.path.abspath(sys.argv[1])
OLD, NEW = (os.path.join(SAMPLES, f) for f in ("old.prof", "new.prof"))
TOOLS = [["pstat2pb", OLD], ["pb2pprof", "-q", OLD], ["pb2folded", "-q", OLD], ["profmerge", OLD, NEW], ["profdiff", OLD, NEW],
         ["profdiff", "--pb", OLD, NEW], ["proftop", OLD], ["profinfo", OLD], ["profinfo", "--json", OLD],
         ["proftop", "--help"], ["profinfo", "--version"], ["profconv", "--formats"]]
faults = []


def check(words, what, true, got):
    if not true:
        faults.append("%s: %s: status %s, stderr %r" % (" ".join(words), what, got.returncode, got.stderr))


def run(words, **how):
    how.setdefault("stdin", subprocess.DEVNULL)
    how.setdefault("stdout", subprocess.PIPE)
    return subprocess.run(words, stderr=subprocess.PIPE, timeout=60, **how)


def refused(words, what, **how):
    got = run(words, **how)
    check(words, what, got.returncode == 2 and got.stderr.count(b"\n") == 1, got)
    check(words, what + ": nothing on stdout", not got.stdout, got)
    return got


def full_disk():
    for words in TOOLS:
        with open("/dev/full", "wb") as full:
            refused(words, "/dev/full as stdout", stdout=full)
        refused(["sh", "-c", 'exec "$@" >&-', "sh"] + words, "closed stdout")


def reader_gone(words, ignored):
    """The pipe's other end is closed before the tool starts."""
    r, w = os.pipe()
    os.close(r)
    handler = signal.SIG_IGN if ignored else signal.SIG_DFL
    got = run(words, stdout=w, preexec_fn=lambda: signal.signal(signal.SIGPIPE, handler))
    os.close(w)
    check(words, "reader gone, SIGPIPE ignored: %s" % ignored,
          got.returncode == -signal.SIGPIPE and not got.stderr, got)


def inputs(folder):
    bad = {"a folder": folder, "no such file": os.path.join(folder, "none"), "an empty file": "/dev/null"}
    for tool in ("profconv", "profmerge", "proftop", "profinfo", "pstat2pb", "pb2folded"):
        for what, path in bad.items():
            got = refused([tool, path], what)
            check([tool, path], what + ": names the input", path.encode() in got.stderr, got)
        refused([tool], "empty stdin")
        refused(["sh", "-c", 'exec "$@" <&-', "sh", tool], "closed stdin")
    if os.getuid() != 0:
        path = os.path.join(folder, "unreadable")
        open(path, "w").close()
        os.chmod(path, 0)
        refused(["proftop", path], "unreadable file")


def outputs(folder):
    keep = os.path.join(folder, "keep.pb.zst")
    with open(keep, "wb") as f:
        f.write(b"the old file")
    broken = os.path.join(folder, "broken.prof")
    with open(OLD, "rb") as f, open(broken, "wb") as g:
        g.write(f.read()[:-100])
    refused(["pstat2pb", "-o", keep, broken], "bad input, -o")
    refused(["pstat2pb", "-o", keep, OLD, broken], "good and bad input, -o")
    with open(keep, "rb") as f:
        if f.read() != b"the old file":
            faults.append("-o: the old file was touched though the input was bad")
    refused(["pstat2pb", "-o", os.path.join(folder, "no", "such"), OLD], "-o in no folder")
    refused(["pstat2pb", "-o", folder, OLD], "-o onto a folder")
    got = run(["pstat2pb", "-o", keep, OLD])
    check(["pstat2pb"], "-o over an old file", got.returncode == 0 and not got.stderr, got)
    got = run(["profmerge", "-o", keep, keep, NEW])
    check(["profmerge"], "-o onto its own input", got.returncode == 0 and not got.stderr, got)
    got = run(["pstat2pb", "-o", "/dev/stdout", OLD])
    check(["pstat2pb"], "-o /dev/stdout", got.returncode == 0, got)
    left = sorted(os.listdir(folder))
    if [f for f in left if f not in ("broken.prof", "keep.pb.zst", "unreadable")]:
        faults.append("left behind: %s" % left)


def limits(folder):
    """A file may not grow beyond what the system allows; the signal for that must not kill."""
    small = os.path.join(folder, "small.pb.zst")
    refused(["sh", "-c", 'ulimit -f 1; exec "$@"', "sh", "pstat2pb", "-o", small, OLD], "ulimit -f")
    if os.path.exists(small):
        faults.append("ulimit -f: a partial output was left")
    refused(["proftop", "--max-memory", "10k", OLD], "--max-memory")


def main():
    full_disk()
    for words in TOOLS:
        reader_gone(words, False)
        reader_gone(words, True)
    for part in (inputs, outputs, limits):
        with tempfile.TemporaryDirectory() as folder:
            part(folder)
    print("\n".join(faults))
    sys.exit(1 if faults else 0)


main()
