#!/usr/bin/env python3
"""whole.py STOP.SO SAMPLES - an archive is the old one or the new one, whole, whatever happens to its writer.

The writer is killed, or the system says no, at the n-th call that changes or reads a file, for every n; then several
writers change one archive at once.
"""
import os
import signal
import subprocess
import sys
import tempfile

STOP, SAMPLES = sys.argv[1], os.path.abspath(sys.argv[2])
OLD, NEW = (os.path.join(SAMPLES, f) for f in ("old.prof", "new.folded"))
MOST, WRITERS = 500, 8
faults = []


def run(words, **how):
    return subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, timeout=120, **how)


def read(path):
    with open(path, "rb") as f:
        return f.read()


def stopped_at(n, how, words, cwd):
    """What the run gave, and whether it was stopped."""
    told, tell = os.pipe()
    env = dict(os.environ, LD_PRELOAD=STOP, STOP_AT=str(n), STOP_HOW=how, STOP_FD=str(tell))
    got = run(words, cwd=cwd, env=env, pass_fds=[tell])
    os.close(tell)
    stopped = os.read(told, 1) != b""
    os.close(told)
    return got, stopped


def fault_of(got, how, state, states, left):
    if state not in states:
        return "the archive is neither the old one nor the new one"
    if how == "kill":
        return None if got.returncode == -signal.SIGKILL else "status %d, not killed" % got.returncode
    if got.returncode == 0:
        return None if state == states[-1] else "status 0, but it is the old one"
    if got.returncode != 2 or got.stderr.count(b"\n") != 1:
        return "status %d, stderr %r" % (got.returncode, got.stderr)
    return "left behind: %s" % left if left else None


def sweep(words, how, seed):
    """seed: the archive before, or None; states: what it may be afterwards."""
    with tempfile.TemporaryDirectory() as cwd:
        path = os.path.join(cwd, "a.tar.zst")

        def begin():
            if os.path.exists(path):
                os.remove(path)
            if seed is not None:
                with open(path, "wb") as f:
                    f.write(seed)

        begin()
        run(words, cwd=cwd, check=True)
        states = [seed, read(path)]
        for n in range(1, MOST):
            begin()
            got, stopped = stopped_at(n, how, words, cwd)
            if not stopped:
                return n - 1
            state = read(path) if os.path.exists(path) else None
            left = [f for f in os.listdir(cwd) if f != "a.tar.zst"]
            fault = fault_of(got, how, state, states, left)
            again = run(words, cwd=cwd)
            if not fault and (again.returncode or read(path) != states[1]) and words[1] == "add":
                fault = "the next run fails: %r" % again.stderr
            if fault:
                faults.append("%s, %s at call %d: %s" % (" ".join(words), how, n, fault))
            for f in left:
                if os.path.exists(os.path.join(cwd, f)):
                    os.remove(os.path.join(cwd, f))
        faults.append("%s: no end of calls" % " ".join(words))
    return MOST


def stops():
    with tempfile.TemporaryDirectory() as folder:
        seed = os.path.join(folder, "seed.tar.zst")
        run(["profarchive", "add", seed, OLD, "--label", "n=1"], check=True)
        run(["profarchive", "add", seed, NEW, "--label", "n=2"], check=True)
        seed = read(seed)
        with open(os.path.join(folder, "broken"), "wb") as f:
            f.write(seed[:-100])  # that is in the index: nothing else is lost
        sweeps(seed, f.name)


def sweeps(seed, broken):
    added = os.path.join(SAMPLES, "run1.prof")
    for how in ("kill", "fail"):
        for words, before in ((["profarchive", "add", "a.tar.zst", added], seed),
                              (["profarchive", "add", "a.tar.zst", added], None),
                              (["profarchive", "add", "--format", "oci", "a.tar.zst", added], seed),
                              (["profarchive", "add", "--format", "zip", "a.tar.zst", added], seed),
                              (["profarchive", "recover", broken, "-o", "a.tar.zst"], seed),
                              (["profarchive", "rm", "a.tar.zst", "n=1"], seed)):
            if sweep(words, how, before) < 5:
                faults.append("%s: hardly a call was counted" % " ".join(words))


def no_room():
    """A limit on the size of files, at sizes around that of the archive."""
    with tempfile.TemporaryDirectory() as cwd:
        path = os.path.join(cwd, "a.tar.zst")
        run(["profarchive", "add", path, OLD], check=True)
        before = read(path)
        for blocks in (0, 1, 8, 24):
            got = run(["sh", "-c", 'ulimit -f %d; exec "$@"' % blocks, "sh", "profarchive", "add", path, NEW])
            if got.returncode != 2 or got.stderr.count(b"\n") != 1 or read(path) != before:
                faults.append("ulimit -f %d: status %d, %r" % (blocks, got.returncode, got.stderr))
            if os.listdir(cwd) != ["a.tar.zst"]:
                faults.append("ulimit -f %d: left behind: %s" % (blocks, os.listdir(cwd)))


def writers():
    """Every add that said it was done is there afterwards, and what was removed meanwhile is gone."""
    with tempfile.TemporaryDirectory() as cwd:
        link = os.path.join(cwd, "link")
        os.symlink("a.tar.zst", link)
        run(["profarchive", "add", "a.tar.zst", NEW, "--label", "goes=yes"], cwd=cwd, check=True)
        jobs = [subprocess.Popen(["profarchive", "add", "a.tar.zst" if i % 2 else "link", OLD, "--label", "writer=%d" % i],
                                 cwd=cwd, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE) for i in range(WRITERS)]
        jobs.append(subprocess.Popen(["profarchive", "rm", "link", "goes=yes"], cwd=cwd, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE))
        for i, job in enumerate(jobs):
            err = job.communicate()[1]
            if job.returncode:
                faults.append("writer %d: status %d, %r" % (i, job.returncode, err))
        got = run(["profarchive", "list", "a.tar.zst"], cwd=cwd).stdout.decode()
        for i in range(WRITERS):
            if "writer=%d\n" % i not in got:
                faults.append("the profile of writer %d is lost" % i)
        if "goes=yes" in got:
            faults.append("what was removed is there again")
        if run(["profarchive", "check", "a.tar.zst"], cwd=cwd).returncode:
            faults.append("the archive of several writers is not sound")
        if sorted(os.listdir(cwd)) != ["a.tar.zst", "link"] or not os.path.islink(link):
            faults.append("left behind: %s" % os.listdir(cwd))


stops()
no_room()
writers()
print("\n".join(faults))
sys.exit(1 if faults else 0)
