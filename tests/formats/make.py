#!/usr/bin/env python3
"""make.py [CASE...] - makes the inputs of the golden format cases (then: UPDATE=1 ../run CASE).

Files of real profilers come from the interpreters named in PYTHONS; where one is not installed, its
case is left as committed (PYTHONS_UNDER: folders of installed versions, as pyenv has them; yappi is
Debian's python3-yappi). All else is written here, byte by byte, and is the same on every run.
"""
import gzip
import marshal
import os
import shutil
import struct
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
PYTHONS = ["2.7", "3.6", "3.8", "3.11", "3.12", "3.13"]
CASES = {}


def case(name):
    def register(make):
        CASES[name] = make
        return make
    return register


# ---- pstats: real profilers

def python(version):
    if version == "3.11":
        return "/usr/bin/python3"  # Debian's
    found = shutil.which("python" + version)
    for root in os.environ.get("PYTHONS_UNDER", "").split(":"):
        for name in sorted(os.listdir(root)) if root and os.path.isdir(root) else ():
            if name == version or name.startswith(version + "."):
                found = os.path.join(root, name, "bin", "python")
    return found


def run_profiler(version, *words):
    exe = python(version)
    if not exe:
        return None
    out = os.path.join(HERE, "made.tmp")
    env = {"PYTHONHASHSEED": "0", "PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1"}
    subprocess.run([exe] + [w.replace("OUT", out) for w in words], cwd=HERE, env=env, check=True)
    with open(out, "rb") as f:
        data = f.read()
    os.remove(out)
    return data


for version in PYTHONS:
    case("pstat/cprofile-" + version)(
        lambda version=version: run_profiler(version, "-m", "cProfile", "-o", "OUT", "work.py"))
for version in ("2.7", "3.8", "3.11"):
    # the `profile` module: caller counts only, and a code object as the name of one function
    case("pstat/profile-" + version)(
        lambda version=version: run_profiler(version, "-m", "profile", "-o", "OUT", "work.py"))


@case("pstat/yappi")
def yappi():
    """yappi writes all calls before primitive ones."""
    return run_profiler("3.11", "-c", "import yappi, os\n"
                        "code = compile(open('work.py').read(), 'work.py', 'exec')\n"
                        "yappi.start()\nexec(code, {'__name__': 'work'})\nyappi.stop()\n"
                        "yappi.get_func_stats(filter_callback=lambda s: s.module == 'work.py')"
                        ".save('OUT', type='pstat')")


# ---- pstats: by hand

@case("pstat/sampled")
def sampled():
    """As Python 3.15's profiling.sampling writes it: a key for each executed line, direct and cumulative samples."""
    main, parse, parse2, rec, rec2 = (("app.py", n, f) for n, f in ((40, "main"), (10, "parse"), (12, "parse"), (20, "rec"), (22, "rec")))
    return marshal.dumps({
        ("__sampled__",): True,
        main: (1, 100, 0.01, 1.0, {}),
        parse: (30, 30, 0.3, 0.3, {main: 30}),
        parse2: (9, 19, 0.09, 0.19, {main: 19}),
        rec: (20, 50, 0.2, 0.5, {main: 50, rec2: 45}),
        rec2: (30, 45, 0.3, 0.45, {rec: 45}),
        ("~", 0, "<GC>"): (10, 10, 0.1, 0.1, {parse2: 10}),
    })


@case("pstat/recursion")
def recursion():
    a, b, root = ("a.py", 1, "a"), ("a.py", 5, "b"), ("~", 0, "<built-in method builtins.exec>")
    return marshal.dumps({
        root: (1, 1, 0.5, 8.0, {}),
        a: (1, 4, 2.0, 7.5, {root: (1, 1, 0.5, 7.5), b: (3, 3, 1.5, 4.0)}),
        b: (1, 3, 5.5, 7.0, {a: (3, 1, 5.5, 7.0)})})


@case("pstat/integer-times")
def integer_times():
    f, g = ("a.py", 1, "f"), ("a.py", 5, "g")
    return marshal.dumps({f: (2, 2, 7, 40, {}), g: (3, 3, 33, 33, {f: (3, 3, 33, 33)})})


@case("pstat/negative-times")
def negative_times():
    return marshal.dumps({("a.py", 1, "f"): (1, 1, -0.25, -0.25, {}), ("a.py", 5, "g"): (1, 1, 0.5, 0.5, {})})


@case("pstat/odd-names")
def odd_names():
    names = ["", "a;b", "two\nlines", "tab\there", "\x1b[31mred", "f\xfcnc", "\u540d", "\udcff", "\u202ertl", "=1+1",
             "<script>", "nul\0inside", "back\\slash", '"quoted"']
    return marshal.dumps({("dir with space/\xe9.py", i, n): (1, 1, i * 0.001, i * 0.001, {}) for i, n in enumerate(names)})


@case("pstat/rounding")
def rounding():
    """Times between two nanoseconds are rounded once per function."""
    return marshal.dumps({("a.py", i, "f%d" % i): (1, 1, t, t, {})
                          for i, t in enumerate((1.4e-9, 1.6e-9, 5e-10, 0.1, 1 / 3, 1e-12, 123456.789012345))})


@case("pstat/nothing-after-the-object")
def trailing():
    return marshal.dumps({("a.py", 1, "f"): (1, 1, 0.5, 0.5, {})}) + b"trailing bytes"


@case("pstat/no-functions")
def no_functions():
    return marshal.dumps({})


@case("pstat/not-a-profile")
def not_a_profile():
    return marshal.dumps({"a": 1})


@case("pstat/cut")
def cut():
    return recursion()[:-20]


# ---- pprof and pb: a protobuf writer

def varint(n):
    n &= 2**64 - 1
    out = bytearray()
    while n > 127:
        out.append(n & 127 | 128)
        n >>= 7
    return bytes(out + bytes([n]))


def num(field, n):
    return varint(field << 3) + varint(n)


def msg(field, *parts):
    body = b"".join(p if isinstance(p, bytes) else p.encode() for p in parts)
    return varint(field << 3 | 2) + varint(len(body)) + body


def packed(field, *numbers):
    return msg(field, *map(varint, numbers))


def strings(*words):
    return b"".join(msg(6, w) for w in words)


def function(number, name, file, line=0):
    return msg(5, num(1, number), num(2, name), num(4, file), num(5, line))


def location(number, *lines, mapping=0, address=0):
    return msg(4, num(1, number), num(2, mapping), num(3, address), *[msg(4, num(1, f), num(2, n)) for f, n in lines])


def small_profile(extra=b""):
    """main calls parse and render; two sample types, the second one preferred."""
    return (msg(1, num(1, 1), num(2, 2)) + msg(1, num(1, 3), num(2, 4))
            + msg(2, packed(1, 2, 1), packed(2, 3, 30)) + msg(2, packed(1, 3, 1), packed(2, 5, 50))
            + msg(2, packed(1, 1), packed(2, 1, 10))
            + location(1, (1, 3)) + location(2, (2, 12)) + location(3, (3, 21))
            + function(1, 5, 6, 1) + function(2, 7, 6, 10) + function(3, 8, 6, 20)
            + strings("", "samples", "count", "cpu", "nanoseconds", "main", "app.py", "parse", "render")
            + num(14, 3) + extra)


@case("pprof/two-types")
def two_types():
    return gzip.compress(small_profile(), mtime=0)


@case("pprof/plain")
def plain():
    return small_profile()


@case("pprof/labels")
def labels():
    """Equal stacks with different labels stay apart; comments, time, duration and period are kept."""
    return (msg(1, num(1, 1), num(2, 2))
            + msg(2, packed(1, 1), packed(2, 3), msg(3, num(1, 5), num(2, 6)))
            + msg(2, packed(1, 1), packed(2, 4), msg(3, num(1, 5), num(2, 7)))
            + msg(2, packed(1, 1), packed(2, 5), msg(3, num(1, 8), num(3, 4096), num(4, 8)))
            + location(1, (1, 3)) + function(1, 3, 4, 1)
            + strings("", "samples", "count", "main", "app.py", "thread", "one", "two", "bytes", "cpu", "nanoseconds",
                      "a comment")
            + num(9, 1700000000000000000) + num(10, 5000000000) + msg(11, num(1, 9), num(2, 10)) + num(12, 10000000)
            + num(13, 11))


@case("pprof/inlined")
def inlined():
    """One location of three lines: leaf first, the last line is the caller of the others; a mapping."""
    return (msg(1, num(1, 1), num(2, 2)) + msg(2, packed(1, 7), packed(2, 9))
            + msg(3, num(1, 1), num(2, 4096), num(3, 8192), num(5, 4), num(7, 1), num(8, 1), num(9, 1), num(10, 1))
            + location(7, (1, 30), (2, 20), (3, 10), mapping=1, address=4100)
            + function(1, 5, 8) + function(2, 6, 8) + function(3, 7, 8)
            + strings("", "samples", "count", "", "/usr/bin/app", "inner", "middle", "outer", "app.c"))


@case("pprof/addresses")
def addresses():
    """Locations without lines: of two binaries, one of them mapped twice; the caller has a function."""
    return (msg(1, num(1, 1), num(2, 2))
            + msg(2, packed(1, 1, 5), packed(2, 3)) + msg(2, packed(1, 2, 5), packed(2, 4)) + msg(2, packed(1, 3, 5), packed(2, 5))
            + msg(2, packed(1, 4, 1, 5), packed(2, 6))
            + msg(3, num(1, 1), num(2, 4096), num(3, 8192), num(5, 3)) + msg(3, num(1, 2), num(2, 8192), num(3, 12288), num(5, 3))
            + msg(3, num(1, 3), num(2, 65536), num(3, 69632), num(5, 4))
            + location(1, mapping=1, address=4100) + location(2, mapping=1, address=4200)
            + location(3, mapping=2, address=8300) + location(4, mapping=3, address=65540)
            + location(5, (1, 3), mapping=3, address=65600) + function(1, 5, 6)
            + strings("", "samples", "count", "/usr/lib/libc.so.6", "/usr/bin/python3.11", "main", "main.c"))


@case("pprof/sparse-ids")
def sparse_ids():
    big = 2**64 - 1
    return (msg(1, num(1, 1), num(2, 2)) + msg(2, num(1, big), num(2, 8)) + location(big, (2**40, 3))
            + function(2**40, 3, 4) + strings("", "samples", "count", "main", "app.py"))


@case("pprof/negative")
def negative():
    """A difference of two profiles has values below zero."""
    return (msg(1, num(1, 1), num(2, 2)) + msg(2, packed(1, 1), packed(2, -5)) + msg(2, packed(1, 2), packed(2, 7))
            + location(1, (1, 3)) + location(2, (2, 4)) + function(1, 3, 4) + function(2, 5, 4)
            + strings("", "cpu", "nanoseconds", "was", "app.py", "is"))


@case("pprof/total-overflows")
def total_overflows():
    """Each value fits 64 bits, their sum does not."""
    return (msg(1, num(1, 1), num(2, 2)) + 3 * msg(2, packed(1, 1), packed(2, 2**62)) + location(1, (1, 3))
            + function(1, 3, 4) + strings("", "cpu", "nanoseconds", "main", "app.py"))


@case("pprof/no-such-location")
def no_such_location():
    return small_profile(msg(2, packed(1, 9), packed(2, 1, 1)))


@case("pprof/too-few-values")
def too_few_values():
    return small_profile(msg(2, packed(1, 1), packed(2, 1)))


@case("pprof/no-such-string")
def no_such_string():
    return small_profile(function(4, 99, 6))


@case("pprof/gzip-cut")
def gzip_cut():
    return two_types()[:-12]


@case("pb/unknown-fields")
def unknown_fields():
    """Fields of a later version, in the profile and in a sample, are kept by every tool."""
    return small_profile(msg(9001, "from the future") + msg(2, packed(1, 1), packed(2, 0, 1), num(9002, 7)))


@case("pb/empty-stack")
def empty_stack():
    return small_profile(msg(2, packed(2, 2, 20)))


# ---- folded

@case("folded/py-spy")
def py_spy():
    return (b"process 10:\"python app.py\";thread (0x7F): MainThread;<module> (app.py:40);main (app.py:30);parse (app.py:12) 7\n"
            b"<module> (app.py:40);main (app.py:31);render (app.py:21) 5\n"
            b"<module> (app.py:40);main (app.py:30) 1\n")


@case("folded/plain")
def folded_plain():
    return b"main;parse 3\nmain;render 5\nmain 1\nmain;parse 4\n"


@case("folded/crlf-blank-and-tab")
def crlf():
    return b"main;a 3\r\n\r\nmain;b\t4\r\nlast line has no end 2"


@case("folded/utf16")
def utf16():
    return "main;caf\xe9 3\nmain;\u540d 4\n".encode("utf-16")


@case("folded/austin-thread-ids")
def thread_ids():
    """Not two columns: only some of the lines end in two numbers."""
    return b"Thread 12345 7\nThread 12345;main 5\n"


@case("folded/escapes")
def escapes():
    return b"a\\x3bb;c\\x0ad;e\\x5cf 3\n;;empty;frames 2\n"


@case("folded/bad-lines")
def bad_lines():
    return b"good;line 3\nno count\nmain -5\nmain 1e5\nanother;good 4\n"


@case("folded/no-good-line")
def no_good_line():
    return b"hello\nworld\n"


SUFFIX = {"pstat": "prof", "pprof": "pb.gz", "pb": "pb", "folded": "folded"}


def main():
    for name in sys.argv[1:] or CASES:
        data = CASES[name]()
        if data is None:
            print("left alone (no such Python here):", name)
            continue
        folder = os.path.join(HERE, *name.split("/"))
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, "input." + SUFFIX[name.split("/")[0]]), "wb") as f:
            f.write(data)


if __name__ == "__main__":
    main()
