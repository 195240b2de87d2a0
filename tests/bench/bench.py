#!/usr/bin/env python3
"""bench.py TOOLS [CASE...] - our tools against their peers on seeded workloads, as ratios in one run.

TOOLS is the folder of the built tools (build/tools). Peer and ours run alternately; CPU is user + system
time of whole processes as wait4 tells it, memory is the peak resident set (of the larger process of a
pipe); medians of RUNS.
"""
import gzip
import json
import marshal
import os
import pickle
import random
import statistics
import subprocess
import sys
import tempfile
import tracemalloc

RUNS = 5
SEED = 1
PYTHON = "/usr/bin/python3"
FLAMEGRAPH = "/usr/share/perl5/Devel/NYTProf/flamegraph.pl"  # of Debian's libdevel-nytprof-perl


# ---- workloads

class Program:
    """A seeded call graph: a call site is a function and one of 8 lines of it; each calls one function."""

    def __init__(self, functions, rng):
        self.names = ["%s_%d" % (rng.choice(("get", "load", "parse", "render", "check", "merge")), i) for i in range(functions)]
        self.files = ["app/%s.py" % (2 * rng.choice("abcdefghijklmnopqrstuvwxyz")) for _ in range(functions)]
        self.callee = [rng.randrange(functions) for _ in range(8 * functions)]
        self.roots = [rng.randrange(functions) for _ in range(8)]

    def walk(self, path):
        """The call sites, root first, of a root and choices of sites."""
        function, sites = self.roots[path[0] % 8], []
        for choice in path[1:]:
            sites.append(8 * function + choice)
            function = self.callee[sites[-1]]
        return sites

    def stacks(self, n, rng):
        """n distinct stacks, 5 to 120 deep; nearly all are an earlier one with another short tail, as in a call tree."""
        depths, skew = list(range(5, 121)), bytes(min(7, i * i // 8192) for i in range(256))
        fresh = iter(rng.choices(depths, [d**-1.5 for d in depths], k=n))
        seen, found = set(), []
        while len(found) < n:
            if len(found) < 100 or rng.random() < 0.001:
                path = rng.randbytes(next(fresh) + 1).translate(skew)
            else:
                old = rng.choice(found)
                keep = old[:max(5, len(old) - int(rng.expovariate(0.45)))]
                path = (keep + rng.randbytes(1 + int(rng.expovariate(0.45))).translate(skew))[:121]
            if path not in seen:
                seen.add(path)
                found.append(path)
        return found


def varint(n):
    out = bytearray()
    while n > 127:
        out.append(n & 127 | 128)
        n >>= 7
    return bytes(out + bytes([n]))


def num(field, n):
    return varint(field << 3) + varint(n)


def msg(field, body):
    return varint(field << 3 | 2) + varint(len(body)) + body


def pprof(program, samples):
    """Profile bytes of (call sites, count)."""
    words, out, location = {"": 0, "samples": 1, "count": 2, "cpu": 3, "nanoseconds": 4}, [], {}

    def word(w):
        return words.setdefault(w, len(words))

    out += [msg(1, num(1, 1) + num(2, 2)), msg(1, num(1, 3) + num(2, 4))]
    for sites, count in samples:
        ids = b"".join(varint(location.setdefault(s, len(location) + 1)) for s in reversed(sites))
        out.append(msg(2, msg(1, ids) + msg(2, varint(count) + varint(10**7 * count))))
    for site, i in location.items():
        line = num(1, site // 8 + 1) + num(2, 10 + site % 8)
        out.append(msg(4, num(1, i) + num(2, 1) + msg(4, line)))
    for function in sorted({site // 8 for site in location}):
        out.append(msg(5, num(1, function + 1) + num(2, word(program.names[function]))
                       + num(4, word(program.files[function])) + num(5, 5)))
    out.append(msg(3, num(1, 1) + num(2, 4096) + num(3, 8192) + num(5, word("/usr/bin/python3")) + num(7, 1)))
    return b"".join(out + [msg(6, w.encode()) for w in words])


def write(path, data):
    with open(path, "wb") as f:
        f.write(gzip.compress(data, 6, mtime=0))


def make_top(folder):
    rng = random.Random(SEED)
    program = Program(3000, rng)
    write(os.path.join(folder, "top.pb.gz"), pprof(program, [(program.walk(s), int(rng.paretovariate(1.2))) for s in program.stacks(100000, rng)]))


def make_diff(folder):
    """Two profiles of a million stacks each, nine in ten of them in both."""
    rng = random.Random(SEED)
    program = Program(12000, rng)
    found = program.stacks(1100000, rng)
    for name, some in (("old.pb.gz", found[:10**6]), ("new.pb.gz", found[10**5:])):
        rng.shuffle(some)
        write(os.path.join(folder, name), pprof(program, ((program.walk(s), int(rng.paretovariate(1.2))) for s in some)))


def make_merge(folder, n=1000):
    rng = random.Random(SEED)
    program = Program(1000, rng)
    pool = [program.walk(s) for s in program.stacks(20000, rng)]
    weight, total = [], 0.0
    for i in range(len(pool)):
        total += 1 / (i + 10)
        weight.append(total)
    for i in range(n):
        count = {}
        for k in rng.choices(range(len(pool)), cum_weights=weight, k=500):
            count[k] = count.get(k, 0) + 1
        write(os.path.join(folder, "p%05d.pb.gz" % i), pprof(program, [(pool[k], n) for k, n in count.items()]))


def make_merge_10k(folder):
    make_merge(folder, 10000)


def make_pstats(folder):
    """As large as the profile of CPython's own test suite: 39,310 functions, four callers each; times are
    whole nanoseconds, as cProfile counts them."""
    rng, n = random.Random(SEED), 39310
    keys = [("/usr/lib/python3.11/m%d.py" % (i // 12), 10 * (i % 12) + 1, "function_%d" % i) for i in range(n)]
    label = [tuple(list(k)) for k in keys]
    table = {}
    for key in keys:
        callers = {}
        for _ in range(rng.choice((1, 2, 3, 4, 4, 5, 6, 7))):
            calls, t = int(rng.paretovariate(0.8)) % 10**6 + 1, int(rng.paretovariate(0.4)) * 137 % 10**9
            callers[label[rng.randrange(n)]] = (calls, calls, t, 3 * t)
        calls, tt, ct = (sum(c[i] for c in callers.values()) for i in (0, 2, 3))
        callers = {k: (nc, cc, t * 1e-9, c * 1e-9) for k, (nc, cc, t, c) in callers.items()}
        table[key] = (calls, calls, tt * 1e-9, ct * 1e-9, callers)
    with open(os.path.join(folder, "big.prof"), "wb") as f:
        marshal.dump(table, f)


def make_log(folder):
    """100 MB of a server's log, in which 1 line of 1,000 is a slow callback."""
    rng, size, i = random.Random(SEED), 0, 0
    words = ["request done", "query executed", "cache miss", "Executing statement", "retrying", "index=7 max=12"]
    plain = ["%s app.%s: %s id=%d path=/api/v1/%s/%d status=%d took=%.3fms\n" % (
        rng.choice(("INFO", "DEBUG", "WARNING")), rng.choice("abcdefgh"), rng.choice(words), rng.randrange(10**6),
        rng.choice(words).replace(" ", "/"), rng.randrange(10**4), rng.choice((200, 404, 500)), rng.random() * 500)
        for _ in range(5000)]
    slow = "WARNING asyncio: Executing <Task pending name='Task-%d' coro=<work_%d() running at app/%s.py:%d> " \
           "wait_for=<Future pending cb=[Task.task_wakeup()] created at /usr/lib/python3.11/asyncio/base_events.py:427> " \
           "created at app/main.py:%d> took %.3f seconds\n"
    with open(os.path.join(folder, "server.log"), "w") as f:
        while size < 10**8:
            i += 1
            line = rng.choice(plain) if i % 1000 else slow % (
                i, rng.randrange(500), rng.choice("abcdefgh"), rng.randrange(1000), rng.randrange(1000), rng.random() + 0.1)
            size += f.write("2026-01-02 03:%02d:%02d,%03d " % (i // 60000 % 60, i // 1000 % 60, i % 1000) + line)


def make_folded(folder, stacks=100000, functions=3000):
    rng = random.Random(SEED)
    program = Program(functions, rng)
    frames = ["%s (/srv/app/%s:%d)" % (program.names[s // 8], program.files[s // 8], 10 + s % 8) for s in range(8 * functions)]
    with open(os.path.join(folder, "stacks.folded"), "w") as f:
        for path in program.stacks(stacks, rng):
            f.write("%s %d\n" % (";".join([frames[s] for s in program.walk(path)]), rng.paretovariate(1.2)))


def make_million(folder):
    make_folded(folder, 10**6, 12000)


def make_speedscope(folder):
    rng = random.Random(SEED)
    program = Program(3000, rng)
    index, samples = {}, []
    for path in program.stacks(100000, rng):
        samples.append([index.setdefault(s, len(index)) for s in program.walk(path)])
    frames = [{"name": program.names[s // 8], "file": program.files[s // 8], "line": 10 + s % 8} for s in index]
    weights = [int(rng.paretovariate(1.2)) for _ in samples]
    with open(os.path.join(folder, "stacks.speedscope.json"), "w") as f:
        json.dump({"$schema": "https://www.speedscope.app/file-format-schema.json", "shared": {"frames": frames}, "profiles": [{
            "type": "sampled", "name": "all", "unit": "none", "startValue": 0, "endValue": sum(weights), "samples": samples,
            "weights": weights}]}, f, separators=(",", ":"))


def make_snapshot(folder):
    """2 million traces in 2,000 tracebacks of 25 frames, as Python pickles them: most of it is small tuples."""
    rng = random.Random(SEED)
    frames = [("/usr/lib/python3.11/m%d.py" % (i // 20), i % 20 + 1) for i in range(4000)]
    backs = [tuple(rng.choices(frames, k=25)) for _ in range(2000)]
    traces = [(0, 28 + int(rng.paretovariate(0.9)) % 10**6, backs[int(2000 * rng.random()**3)], 25) for _ in range(2 * 10**6)]
    with open(os.path.join(folder, "big.snap"), "wb") as f:
        pickle.dump(tracemalloc.Snapshot(traces, 25), f, pickle.HIGHEST_PROTOCOL)


def make_mprof(folder):
    """A million samples, one in five of children, and 10,000 calls."""
    rng, mib = random.Random(SEED), 40.0
    with open(os.path.join(folder, "long.dat"), "w") as f:
        f.write("CMDLINE python app.py\n")
        for i in range(10**6):
            mib, now = max(10, mib + rng.gauss(0, 0.1)), 1700000000 + i / 10
            f.write("CHLD %d %.6f %.4f\n" % (1000 + i % 3, mib / 2, now) if i % 5 == 4 else "MEM %.6f %.4f\n" % (mib, now))
            if i % 100 == 99:
                f.write("FUNC app.%s %.4f %.4f %.4f %.4f 1\n" % (rng.choice(("load", "parse", "save")), mib, now - 2, mib + 1, now - 1))


# ---- measuring

def run(words, folder):
    """(CPU seconds, peak MB) of one process and its children."""
    env = {"PATH": os.environ["PATH"], "HOME": folder, "PPROF_TMPDIR": folder, "LC_ALL": "C.UTF-8"}
    with open(os.devnull, "wb") as null:
        p = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=null, stderr=null, env=env, cwd=folder)
        _, status, used = os.wait4(p.pid, 0)
    p.returncode = os.waitstatus_to_exitcode(status)
    if p.returncode:
        sys.exit("%s: status %d" % (" ".join(words[:4]), p.returncode))
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def median(runs):
    return [statistics.median(column) for column in zip(*runs)]


def measure(title, peer, ours, folder, base=None, runs=RUNS):
    """base: what the peer's process costs before its work begins; it is taken off."""
    runs = [(run(peer, folder), run(ours, folder), run(base, folder) if base else (0, 0)) for _ in range(runs)]
    (peer_cpu, peer_mb), (our_cpu, our_mb), (base_cpu, _) = (median(column) for column in zip(*runs))
    peer_cpu -= base_cpu
    print("| %s | %.2f s, %.0f MB | %.3f s, %.1f MB | %.1f | %.1f |" %
          (title, peer_cpu, peer_mb, our_cpu, our_mb, peer_cpu / our_cpu, peer_mb / our_mb), flush=True)


def made(make, folder):
    """The paths of a workload. A child makes it: what this process has in memory counts for those it starts."""
    child = os.fork()
    if child == 0:
        make(folder)
        os._exit(0)
    if os.waitpid(child, 0)[1]:
        sys.exit("%s failed" % make.__name__)
    return sorted(os.path.join(folder, name) for name in os.listdir(folder))


def bench_pstats(folder, tool):
    path, = made(make_pstats, folder)
    load = [PYTHON, "-c", "import sys, pstats; len(sys.argv) > 1 and pstats.Stats(sys.argv[1])"]
    measure("pstats of 39,310 functions to `.pb.zst`, against `pstats.Stats(file)`", load + [path],
            [tool("pstat2pb"), "-o", "out.pb.zst", path], folder, base=load)


def bench_merge(folder, tool):
    paths = made(make_merge, folder)
    measure("merge of 1,000 `.pb.gz`, against `go tool pprof -proto`",
            ["go", "tool", "pprof", "-proto", "-output=out.pb.gz"] + paths,
            [tool("profmerge"), "-o", "out.pb.zst"] + paths, folder)


def bench_merge_10k(folder, tool):
    paths = made(make_merge_10k, folder)
    measure("merge of 10,000 (one run)", ["go", "tool", "pprof", "-proto", "-output=out.pb.gz"] + paths,
            [tool("profmerge"), "-o", "out.pb.zst"] + paths, folder, runs=1)


def bench_diff(folder, tool):
    new, old = made(make_diff, folder)
    measure("difference of two profiles of 1,000,000 stacks, against `go tool pprof -proto -diff_base` (one run)",
            ["go", "tool", "pprof", "-proto", "-output=out.pb.gz", "-diff_base", old, new],
            [tool("profdiff"), "--pb", "-o", "out.pb.zst", "-b", old, new], folder, runs=1)


def bench_top(folder, tool):
    path, = made(make_top, folder)
    measure("top of 100,000 stacks, against `go tool pprof -top`", ["go", "tool", "pprof", "-top", path],
            [tool("proftop"), path], folder)


def bench_asyncio(folder, tool):
    path, = made(make_log, folder)
    measure("slow callbacks of a log of 100 MB, against `grep -F`", ["sh", "-c", "grep -F 'Executing <' $0 | cat", path],
            [tool("asyncio2pb"), "-o", "out.pb.zst", path], folder)


def bench_folded(folder, tool):
    path, = made(make_folded, folder)
    measure("100,000 folded stacks (105 MB) to `.pb.zst`, against `wc`", ["wc", path], [tool("folded2pb"), "-o", "out.pb.zst", path], folder)


def bench_picture(folder, tool, make, title, runs):
    if not os.path.exists(FLAMEGRAPH):
        print("svg: libdevel-nytprof-perl is not installed", file=sys.stderr)
        return
    path, = made(make, folder)
    pipe = '"$0" "$2" | "$1" -o out.svg'
    measure(title, ["perl", FLAMEGRAPH, path], ["sh", "-c", pipe, tool("folded2pb"), tool("profflame"), path], folder, runs=runs)


def bench_svg(folder, tool):
    bench_picture(folder, tool, make_folded, "flame graph of 100,000 folded stacks (105 MB), `folded2pb` to `profflame`, against `flamegraph.pl`", RUNS)


def bench_svg_million(folder, tool):
    """Once only: the peer takes minutes and gigabytes."""
    bench_picture(folder, tool, make_million, "the same of 1,000,000 stacks", 1)


def bench_speedscope(folder, tool):
    path, = made(make_speedscope, folder)
    load = [PYTHON, "-c", "import json, sys; len(sys.argv) > 1 and sum(json.load(open(sys.argv[1]))['profiles'][0]['weights'])"]
    measure("speedscope's JSON with 100,000 samples to `.pb.zst`, against `json.load(file)`", load + [path],
            [tool("speedscope2pb"), "-o", "out.pb.zst", path], folder, base=load)


def bench_tracemalloc(folder, tool):
    path, = made(make_snapshot, folder)
    load = [PYTHON, "-c", "import sys, tracemalloc; len(sys.argv) > 1 and tracemalloc.Snapshot.load(sys.argv[1])"]
    measure("a snapshot of 2,000,000 traces to `.pb.zst`, against `Snapshot.load(file)`", load + [path],
            [tool("tracemalloc2pb"), "-o", "out.pb.zst", path], folder, base=load)


def bench_mprof(folder, tool):
    """mprof is a module of Debian's python3-memory-profiler."""
    load = [PYTHON, "-c", "import mprof, sys; len(sys.argv) > 1 and mprof.read_mprofile_file(sys.argv[1])"]
    if subprocess.run(load, stderr=subprocess.DEVNULL).returncode:
        print("mprof: python3-memory-profiler is not installed", file=sys.stderr)
        return
    path, = made(make_mprof, folder)
    measure("mprof's file with 1,000,000 samples to `.pb.zst`, against `mprof.read_mprofile_file(file)`", load + [path],
            [tool("mprof2pb"), "-o", "out.pb.zst", path], folder, base=load)


CASES = {"pstats": bench_pstats, "merge": bench_merge, "merge-10k": bench_merge_10k, "diff": bench_diff, "top": bench_top,
         "asyncio": bench_asyncio, "folded": bench_folded, "svg": bench_svg, "svg-1M": bench_svg_million,
         "speedscope": bench_speedscope, "tracemalloc": bench_tracemalloc, "mprof": bench_mprof}


def main():
    tools = os.path.abspath(sys.argv[1])
    print("| work | peer: CPU, peak memory | profpipe | times faster | times less memory |")
    print("| --- | --- | --- | --- | --- |", flush=True)
    for name in sys.argv[2:] or CASES:
        with tempfile.TemporaryDirectory() as folder:
            CASES[name](folder, lambda tool: os.path.join(tools, tool))


main()
