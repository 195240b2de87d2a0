"""fleet.py - what the tests of samples/fleet share: a scratch folder, a made-up fleet, servers that end with the test."""
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time

RECIPES = os.path.abspath(sys.argv[1])
SAMPLES = os.path.dirname(RECIPES)
PATIENCE = 60  # seconds for a server to be ready; only a broken one takes them


class Failed(Exception):
    pass


def check(good, what):
    if not good:
        raise Failed(what)


def free_port(first):
    """A port that nobody listens on, below those that the kernel gives out; each test has 500 of its own from `first`."""
    start = os.getpid() % 500
    for i in range(500):
        port = first + (start + i) % 500
        with socket.socket() as s:
            try:
                s.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    raise Failed("no free port from %d on" % first)


class Fleet:
    """A scratch folder, and the programs started in it; leaving it ends these and removes that."""

    def __enter__(self):
        self.dir = tempfile.mkdtemp(prefix="profpipe-", dir="/tmp")  # a socket's path must be short
        path = os.environ["PATH"] + ":/usr/sbin:/sbin"
        self.env = dict(os.environ, PATH=path, HOME=self.dir, LC_ALL="C.UTF-8", TMPDIR=self.dir)
        self.servers = []
        return self

    def __exit__(self, kind, error, trace):
        said = ""
        for p, log in reversed(self.servers):
            p.terminate()
            try:
                p.wait(20)
            except subprocess.TimeoutExpired:
                p.kill()
                p.wait()
            with open(log, errors="replace") as f:
                said += "---- %s\n%s\n" % (log, "".join(f.readlines()[-30:]))
        shutil.rmtree(self.dir, ignore_errors=True)
        if kind:
            print(said)

    def path(self, *parts):
        return os.path.join(self.dir, *parts)

    def write(self, name, text, mode=0o644):
        with open(self.path(name), "w") as f:
            os.chmod(self.path(name), mode)
            f.write(text)
        return self.path(name)

    def call(self, *args, **how):
        """The finished process; its output is kept, and it must succeed unless fails=True, which it must not then."""
        fails = how.pop("fails", False)
        if "input" not in how:
            how.setdefault("stdin", subprocess.DEVNULL)
        p = subprocess.run(args, cwd=self.dir, env=self.env, capture_output=True, timeout=300, **how)
        words = (p.stdout + p.stderr)[-3000:].decode(errors="replace")
        check((p.returncode != 0) == fails, "%s: status %d\n%s" % (" ".join(args)[:500], p.returncode, words))
        return p

    def shell(self, code, **how):
        return self.call("bash", "-o", "pipefail", "-ec", code, **how)

    def asks(self, *args):
        """Whether a program succeeds."""
        return subprocess.run(args, cwd=self.dir, env=self.env, stdin=subprocess.DEVNULL, capture_output=True,
                              timeout=PATIENCE).returncode == 0

    def serve(self, *args):
        """Starts a program that stays, and notes what it says."""
        log = self.path("server%d.log" % len(self.servers))
        with open(log, "w") as f:
            program = shutil.which(args[0], path=self.env["PATH"])
            check(program, "%s is not installed" % args[0])
            p = subprocess.Popen((program,) + args[1:], cwd=self.dir, env=self.env, stdin=subprocess.DEVNULL,
                                 stdout=f, stderr=f)
        self.servers.append((p, log))

    def ready(self, what, is_ready):
        """Comes back once is_ready() holds; asks at short intervals, and not for ever."""
        end = time.monotonic() + PATIENCE
        while not is_ready():
            for p, log in self.servers:
                check(p.poll() is None, "%s ended: %s" % (p.args[0], open(log, errors="replace").read()[-2000:]))
            check(time.monotonic() < end, "%s: not ready in %d s" % (what, PATIENCE))
            time.sleep(0.05)

    def listens(self, port):
        def one():
            with socket.socket() as s:
                return s.connect_ex(("127.0.0.1", port)) == 0

        self.ready("port %d" % port, one)

    def make(self, n, functions=60):
        """The profiles of a fleet in the folder `profiles`, named in files.txt; want.pb.zst is all of them merged."""
        self.call(sys.executable, os.path.join(RECIPES, "make.py"), "profiles", str(n), str(functions))
        names = sorted(os.listdir(self.path("profiles")))
        check(len(names) == n, "%d profiles, not %d" % (len(names), n))
        self.write("files.txt", "".join(self.path("profiles", name) + "\n" for name in names))
        self.shell("profmerge -o want.pb.zst profiles/*.pb")

    def same(self, out):
        """Whether `out` is byte for byte what one profmerge writes."""
        with open(self.path(out), "rb") as a, open(self.path("want.pb.zst"), "rb") as b:
            check(a.read() == b.read(), "%s is not what profmerge writes" % out)

    def breaks_list(self):
        """broken.txt: the list with a file in it that is no profile."""
        self.write("broken.pb", "no profile\n")
        self.shell("sed '5s/.*/broken.pb/' files.txt > broken.txt")

    def stays(self, out, before):
        """After a failure: OUT is as before, and nothing lies about."""
        with open(self.path(out)) as f:
            check(f.read() == before, "%s was replaced" % out)
        left = [name for name in os.listdir(self.dir) if "part" in name]
        check(not left, "left behind: %s" % left)

    def leaves_old(self, out, *args):
        """The recipe with broken.txt fails, tells why, and changes nothing."""
        self.breaks_list()
        self.write(out, "as before")
        p = self.call(*args, fails=True)
        check(b"broken.pb" in p.stderr + p.stdout, "what is broken is not told: %s" % p.stderr.decode())
        self.stays(out, "as before")


def regressions(fleet, old, new, *options):
    """The rows in which profdiff says that something grew from the files `old` to `new`, the most first."""
    p = fleet.shell("profdiff --json --all %s -b <(profconv %s) <(profconv %s)" % (" ".join(options), old, new))
    rows = [r for r in json.loads(p.stdout)["rows"] if r["delta"] > 0]
    check(rows, "profdiff finds nothing")
    return sorted(rows, key=lambda r: -r["delta"])


def same_answer(answer, want, top=None):
    """Functions, places and numbers of an answer in SQL are those of the first of profdiff's rows, and in their order
    (rows that grew as much may change places); integers to the last digit."""
    check([int(a["delta"]) for a in answer] == [w["delta"] for w in want[:top]], "other deltas: %s" % answer[:5])
    rows = {(w["name"], w["file"], w["line"]): w for w in want}
    check(len(rows) == len(want), "profdiff has functions of one place")
    seen = set()
    for a in answer:
        name = re.sub(r"#[0-9]+$", "", a["function"])  # the third of its name in the module
        place = [key for key in rows if key[1:] == (a["file"], int(a["line"])) and ("." + name).endswith("." + key[0])]
        check(len(place) == 1 and place[0] not in seen, "not what profdiff has: %s" % a)
        seen.add(place[0])
        w = rows[place[0]]
        good = a["status"] == w["status"] and all(int(a[key]) == w[key] for key in ("base", "new", "delta"))
        if w["delta_pct"] is None or a["delta_pct"] is None:
            good = good and w["delta_pct"] is a["delta_pct"]
        else:
            good = good and abs(float(a["delta_pct"]) - w["delta_pct"]) <= 1e-6 * abs(w["delta_pct"])
        check(good, "%s\nis not what profdiff says: %s" % (a, w))


def main(test):
    try:
        with Fleet() as fleet:
            test(fleet)
    except Failed as e:
        print("FAILED: %s" % e)
        sys.exit(1)
