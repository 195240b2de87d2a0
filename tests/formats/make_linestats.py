#!/usr/bin/env python3
"""make_linestats.py [CASE...] - inputs of the golden cases of line_profiler's results. Real runs need
Debian's python3-line-profiler; without it those cases are left as committed."""
import os
import pickle
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))

WORK = '''\
def fib(n):
\tif n < 2:
\t\treturn n  # tabs, and caf\xe9
\treturn fib(n - 1) + fib(n - 2)


def never(n):
    return n


def main():
    total = 0
    for i in range(50):
        total += fib(i % 7)
    return total
'''

RUN = '''
import line_profiler, work
p = line_profiler.LineProfiler(work.fib, work.never, work.main)
p.enable()
work.main()
p.disable()
p.dump_stats("out.lprof")
with open("out.txt", "w") as f:
    f.write("the program's own output: 1 2 3\\n")
    p.print_stats(f)
with open("ms.txt", "w") as f:
    p.print_stats(f, output_unit=1e-3)
'''


def real():
    with tempfile.TemporaryDirectory() as cwd:
        with open(os.path.join(cwd, "work.py"), "w", encoding="utf-8") as f:
            f.write(WORK)
        p = subprocess.run(["/usr/bin/python3", "-c", RUN], cwd=cwd, stderr=subprocess.DEVNULL)
        if p.returncode:
            return {}
        seen = {}
        for name, file in (("lprof-4.0", "out.lprof"), ("text-4.0", "out.txt"), ("milliseconds", "ms.txt")):
            with open(os.path.join(cwd, file), "rb") as f:
                seen[name] = f.read().replace(os.fsencode(cwd) + b"/", b"")
        # in the pickle the name keeps its length
        with open(os.path.join(cwd, "out.lprof"), "rb") as f:
            long = os.fsencode(os.path.join(cwd, "work.py"))
            seen["lprof-4.0"] = f.read().replace(long, b"/srv/".ljust(len(long) - 8, b"x") + b"/work.py")
        return seen


class LineStats:
    def __init__(self, timings, unit):
        self.timings, self.unit = timings, unit


def lprof(module, timings, unit, protocol=2):
    LineStats.__module__ = module
    class Pickler(pickle._Pickler):
        def save_global(self, obj, name=None):
            self.write(b"c" + module.encode() + b"\nLineStats\n")
            self.memoize(obj)
        dispatch = dict(pickle._Pickler.dispatch)
        dispatch[type] = save_global
    import io
    f = io.BytesIO()
    Pickler(f, protocol).dump(LineStats(timings, unit))
    return f.getvalue()


TIMINGS = {("app.py", 3, "f"): [(4, 10, 1000), (5, 9, 25)], ("other.py", 1, "<lambda>"): [(1, 1, 7)], ("app.py", 9, "never"): []}


def by_hand():
    yield "lprof-2", lprof("_line_profiler", TIMINGS, 1e-06)
    yield "lprof-5", lprof("line_profiler.line_profiler", TIMINGS, 1e-09)
    yield "lprof-windows-unit", lprof("line_profiler._line_profiler", TIMINGS, 3.20723e-07)
    yield "no-lines", lprof("_line_profiler", {("app.py", 3, "f"): "abc"}, 1e-06)
    yield "cut", lprof("_line_profiler", TIMINGS, 1e-06)[:-20]
    yield "no-source", (b"Timer unit: 1e-06 s\n\nTotal time: 0.5 s\n\nCould not find file gone.py\n"
                        b"Are you sure you are running this program from the same directory\nthat you ran the profiler from?\n"
                        b"Continuing without the function's contents.\n\n"
                        b"Line #      Hits         Time  Per Hit   % Time  Line Contents\n" + b"=" * 62 + b"\n"
                        b"     7         2     500000.0 250000.0    100.0  \n\n")
    yield "wide", ("Timer unit: 1e-06 s\n\nTotal time: 3e+06 s\nFile: a b.py\nFunction: f at line 1 at line 12\n\n"
                   "Line #      Hits         Time  Per Hit   % Time  Line Contents\n" + "=" * 62 + "\n"
                   "    12                                           def f():\n"
                   "    13  12345678901 3000000000000.0    243.0    100.0      x = 1  # 2 3\n"
                   "    14 bad row here then\n\n").encode()
    yield "no-time", (b"Timer unit: 1e-09 s\n\nTotal time: 0 s\nFile: z.py\nFunction: z at line 1\n\n"
                      b"Line #      Hits         Time  Per Hit   % Time  Line Contents\n" + b"=" * 62 + b"\n"
                      b"     1                                           def z():\n"
                      b"     2         3          0.0      0.0               4 + 5\n\n")
    yield "nothing-measured", b"Timer unit: 1e-09 s\n\n"


def main():
    for name, data in [*real().items(), *by_hand()]:
        if sys.argv[1:] and name not in sys.argv[1:]:
            continue
        folder = os.path.join(HERE, "linestats", name)
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, "input." + ("txt" if data[:1].isalpha() and data[:1] != b"c" else "lprof")), "wb") as f:
            f.write(data)


main()
