"""fence.py PEEK SAMPLES - once a tool has read, it can open nothing but what it was told to (peek.c)."""
import ctypes
import os
import subprocess
import sys
import tempfile

PEEK, SAMPLES = sys.argv[1], sys.argv[2]
NEW, OLD, SNAPSHOT = (os.path.join(SAMPLES, name) for name in ("new.prof", "old.prof", "new.folded"))
CREATE_RULESET, VERSION = 444, 1  # landlock_create_ruleset, asked for its version
landlock = ctypes.CDLL(None, use_errno=True).syscall(CREATE_RULESET, None, 0, VERSION) > 0
failed = 0


def opened(command, folder, stdin=None):
    """The letters of what the tool could open (r: read, m: make), and its exit status."""
    secret, made = os.path.join(folder, "secret"), os.path.join(folder, "below", "made")
    os.makedirs(os.path.dirname(made), exist_ok=True)
    with open(secret, "w") as f:
        f.write("none of your business")
    read, write = os.pipe()
    env = dict(os.environ, LD_PRELOAD=PEEK, PEEK_READ=secret, PEEK_MAKE=made, PEEK_FD=str(write))
    with open(stdin or os.devnull) as given:
        run = subprocess.run(command, stdin=given, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=env, pass_fds=[write])
    os.close(write)
    with os.fdopen(read) as answer:
        return answer.read(), run.returncode, run.stderr.decode()


def expect(letters, command, stdin=None, writes=False):
    global failed
    with tempfile.TemporaryDirectory() as outside, tempfile.TemporaryDirectory() as folder:
        command = command + (["-o", os.path.join(folder, "out")] if writes else [])
        got = opened(command, outside, stdin)
        right = got == (letters if landlock else "rm", 0, "")
        right = right and (not writes or os.path.getsize(os.path.join(folder, "out")) > 0)
    print("%s %s: %s" % ("ok  " if right else "FAIL", " ".join(command), got))
    failed += not right


expect("rm", ["cat", NEW])  # peek.c works
expect("", ["pstat2pb", NEW])
expect("", ["pstat2pb"], stdin=NEW)
expect("", ["pstat2pb", NEW], writes=True)
expect("", ["proftop", NEW])
expect("", ["proftree", NEW])
expect("", ["profinfo", NEW, OLD])
expect("", ["profmerge", NEW, OLD], writes=True)
expect("", ["profgrep", "-q", "--focus", "main", NEW], writes=True)
expect("", ["profdiff", "-b", OLD, NEW])
expect("", ["profdiff", "--pb", "-b", OLD, NEW], writes=True)
expect("", ["profflame", "-b", OLD, NEW], writes=True)
expect("", ["profdot", NEW])
expect("", ["proflist", "main", SNAPSHOT])
sys.exit(failed > 0)
