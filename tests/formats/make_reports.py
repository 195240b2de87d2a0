#!/usr/bin/env python3
"""make_reports.py [CASE...] - as make.py, for memory_profiler's reports, mprof's files and timeit's output.

Debian's python3-memory-profiler (0.61) writes what it can; the layouts of older versions are made from their
templates below. timeit runs in the interpreters of make.py.
"""
import os
import subprocess

from make import CASES, HERE, SUFFIX, case, main, python

CASES.clear()  # make.py makes its own
SUFFIX.update({"memprof": "txt", "mprof": "dat", "timeit": "txt"})
ENV = {"PYTHONHASHSEED": "0", "PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1", "LC_ALL": "C.UTF-8"}


def output_of(*words):
    return subprocess.run(words, cwd=HERE, env=ENV, stdout=subprocess.PIPE, stderr=subprocess.STDOUT).stdout


# ---- memory_profiler

@case("memprof/v0.61-m")
def memprof_real():
    if not os.path.exists("/usr/bin/python3-mprof"):
        return None
    return output_of("/usr/bin/python3", "-m", "memory_profiler", "reports_work.py")


SOURCE = ["@profile", "def build(n):", '    """Docstring, 12.3 MiB"""', "    big = [i * 2 for i in range(n)]", "    del big",
          "", "    return n"]
MEASURED = {0: (21.5, 21.5, 1), 3: (22.625, 1.125, 2003), 4: (21.5, -1.125, 1), 6: (21.5, 0, 1)}
OTHER = ["@profile", "async  def m\u00e9thode(self, x):", "\treturn x  # \u6f22\u5b57, a tab and 1.0 MiB"]
OTHER_MEASURED = {0: (21.5, 21.5, 2), 2: (21.75, 0.25, 2)}


def header(*titles):
    line = ("%6s %12s" % titles[:2]) + "".join(titles[2:-1]) + "   " + titles[-1]
    return line + "\n" + "=" * len(line) + "\n"


# version: header, template of a row, unit, digits
LINE, USAGE, INCREMENT, TEXT = "Line #", "Mem usage", " %12s" % "Increment", "Line Contents"
LAYOUTS = {
    "v0.2": (header(LINE, USAGE, TEXT), "{0:>6} {1:>12}   {4}", "MB", 2),
    "v0.10": (header(LINE, USAGE, " %10s" % "Increment", TEXT), "{0:>6} {1:>12} {2:>10}   {4}", "MB", 2),
    "v0.27": (header(LINE, USAGE, INCREMENT, TEXT), "{0:>6} {1:>12} {2:>12}   {4}", "MB", 3),
    "v0.57": (header(LINE, USAGE, INCREMENT, TEXT), "{0:>6} {1:>12} {2:>12}   {4}", "MiB", 3),
    "v0.58": (header(LINE, USAGE, INCREMENT, "  %10s" % "Occurences", TEXT), "{0:>6} {1:>12} {2:>12}  {3:>10}   {4}", "MiB", 3),
    "v0.61": (header(LINE, USAGE, INCREMENT, "  %10s" % "Occurrences", TEXT), "{0:>6} {1:>12} {2:>12}  {3:>10}   {4}", "MiB", 1),
}


def rows(version, first, source, measured):
    _, template, unit, digits = LAYOUTS[version]
    for i, text in enumerate(source):
        cells = ("", "", "")
        if i in measured:
            memory, increment, occurrences = measured[i]
            cells = ["%.*f %s" % (digits, x, unit) for x in (memory, increment)] + [occurrences]
        yield template.format(first + i, *cells, text) + "\n"


def report(version, first=5, source=SOURCE, measured=MEASURED, name="shop.py"):
    body = LAYOUTS[version][0] + "".join(rows(version, first, source, measured))
    return body if version in ("v0.2", "v0.10") else "Filename: %s\n\n%s\n\n" % (name, body)


for version in ("v0.2", "v0.27", "v0.57", "v0.58"):
    case("memprof/" + version)(
        lambda version=version: (report(version) + report(version, 20, OTHER, OTHER_MEASURED)).encode())


@case("memprof/v0.10")
def no_header_between():
    """One header for all functions; the second one stands before the first in the file."""
    return (report("v0.10", 20) + "".join(rows("v0.10", 3, OTHER, OTHER_MEASURED))).encode()


@case("memprof/output-between")
def output_between():
    """The same function twice, and what the program printed; some of it looks like a row."""
    return ("before\nFilename: not a report\nERROR: Could not find file gone.py\n" + report("v0.61")
            + "     9     12.5 MiB      1.0 MiB           1   fake\nafter: 10 12.5 MiB 1.0 MiB fake\n"
            + report("v0.61") + report("v0.61", 20, OTHER, OTHER_MEASURED, "C:\\src\\\u00e9.py") + "done").encode()


@case("memprof/interrupted")
def interrupted():
    """A thread prints into the report; and what comes after other output does not go on with it."""
    lines = report("v0.61").splitlines(True)
    return "".join(lines[:8] + ["printed by a thread\n"] + lines[8:10] + ["more\n", "    77      1.0 MiB      1.0 MiB           1   x\n"]
                   + lines[10:]).encode()


@case("memprof/odd-rows")
def odd_rows():
    return (LAYOUTS["v0.61"][0]
            + "    98     10.0 MiB     10.0 MiB           1   @retry(3,\n"
            + "    99                                                 times=2)\n"
            + "   100                                         def wide(x): pass\n"
            + "   101 12345678.123 MiB -12345678.123 MiB  12345678901   wide = 1\n"
            + "   102            -            -           -   dashes\n"
            + "   103\n"
            + "   104     10.0 MiB      0.0 MiB           1\n"
            + "   105                                              7     12.0 MiB      1.0 MiB           3   fake\n"
            + "1234567     10.0 MiB      0.5 MiB           2   after a jump\n"
            + "1234568                                         \n\n"
            + LAYOUTS["v0.61"][0]
            + "     1     10.0 MiB      0.5 MiB           2   f = profile(lambda: [1])\n\n"
            + LAYOUTS["v0.61"][0]
            + "     1     10.0 MiB      0.5 MiB           2   exec(code)\n").replace("\n", "\r\n").encode()


@case("memprof/bad-cells")
def bad_cells():
    text = report("v0.61")
    return (text.replace(" 22.6 MiB", "  nan MiB") + text.replace("2003", "20.3").replace("  21.5 MiB     -1.1", " 21.5 GiB     -1.1")).encode()


@case("memprof/no-measured-line")
def no_measured_line():
    return report("v0.61", measured={}).encode()


@case("memprof/sum-too-large")
def sum_too_large():
    return report("v0.61", measured={i: (1, 1, 9 * 10**18) for i in range(2)}).encode()


# ---- mprof

def mprof_run(*words):
    if not os.path.exists("/usr/bin/python3-mprof"):
        return None
    out = os.path.join(HERE, "made.dat")
    output_of("/usr/bin/python3-mprof", "run", "-T", "0.04", "-o", out, *words)
    with open(out, "rb") as f:
        data = f.read()
    os.remove(out)
    return data


case("mprof/v0.61-func")(lambda: mprof_run("reports_work.py"))
case("mprof/v0.61-children")(lambda: mprof_run("-M", "reports_work.py", "children"))

FUNC_OLD = b"""FUNC __main__.main 10.1758 1795353813.2576 20.2461 1795353814.6478
FUNC __main__.alloc 10.1797 1795353813.2703 40.2461 1795353813.5817
FUNC __main__.alloc 40.2461 1795353813.6148 50.2500 1795353813.9107
FUNC __main__.rec 20.2461 1795353814.1356 20.2461 1795353814.6096
FUNC __main__.rec 20.2461 1795353814.2048 20.2461 1795353814.5815
"""
MEM_OLD = b"""CMDLINE python shop.py --all
MEM 7.246094 1795353813.1091
MEM 10.175781 1795353813.2646
MEM 40.246094 1795353813.3675
MEM 50.250000 1795353813.7680
MEM 20.246094 1795353814.0340
MEM 20.246094 1795353814.1511
MEM 20.246094 1795353814.5789
"""


@case("mprof/v0.43-func")
def mprof_old():
    """No levels: calls are nested by their times."""
    return FUNC_OLD + MEM_OLD


@case("mprof/v0.60-children")
def mprof_children():
    """Up to 0.60 children have numbers; several have one time."""
    return (b"CMDLINE python pool.py\nMEM 12.000000 1700000000.1000\nCHLD 0 5.500000 1700000000.1030\nCHLD 1 6.500000 1700000000.1030\n"
            b"MEM 12.500000 1700000000.2000\nCHLD 0 7.000000 1700000000.2030\nMEM 12.500000 1700000000.2000\n")


@case("mprof/two-runs")
def two_runs():
    """The calls of the second run stand before its CMDLINE; the last command has no samples."""
    later = (FUNC_OLD + MEM_OLD).replace(b"17953538", b"17953539").replace(b"--all", b"--again")
    return FUNC_OLD + MEM_OLD + later + b"CMDLINE python never.py\n"


@case("mprof/threads")
def threads():
    """Calls that overlap, with levels and without; calls that touch; time that goes back."""
    return (b"MEM 1.000000 100.5000\nMEM 2.000000 103.0000\nMEM 2.500000 101.0000\nMEM 3.000000 106.0000\n"
            b"FUNC app.one 1.0000 100.0000 2.0000 104.0000 0\nFUNC app.two 1.5000 102.0000 3.0000 107.0000 1\n"
            b"FUNC app.three 1.5000 105.0000 2.0000 106.5000 2\nFUNC app.four 1.0000 107.0000 1.0000 107.0000 0\n"
            b"FUNC app.five 1.0000 107.0000 1.0000 108.0000\n")


@case("mprof/odd-lines")
def odd_lines():
    return (b"NOTHING known\r\nFUNC a name with blanks.<locals>.<lambda> 1.0000 10.0000 2.0000 12.0000 3\r\nMEM 1.5 10.0\r\nMEM 1.5\r\n"
            b"MEM nan 11.0\r\nMEM -1.0 11.0\r\nMEM 1,5 11,0\r\nMEM 1.0 11.0 12.0\r\nMEM 1e2 11.0\r\nFUNC f 1.0 12.0 1.0 11.0 0\r\n"
            b"FUNC 1.0 12.0 1.0 13.0\r\nCHLD 77\r\nCHLD 77 0.000001 11.5\r\nCMDLINE \xff \x1b[31m\r\nMEM 2.000000 1700")


@case("mprof/no-samples")
def no_samples():
    return b"CMDLINE python short.py\n"


# ---- timeit

def timeit(version, *words):
    exe = python(version)
    return output_of(exe, "-m", "timeit", *words) if exe else None


def several(version, verbose):
    runs = [timeit(version, *verbose, "-n", "50", "-r", "4", "sum(range(50))"),
            timeit(version, *verbose, "-n", "1", "-r", "3", "sum(range(90000))"),
            timeit(version, *verbose, "-n", "5", "1/0")]
    return None if None in runs else b"".join(runs).replace(os.path.dirname(os.path.dirname(python(version))).encode(), b"/usr")


for version in ("2.7", "3.6", "3.8", "3.11", "3.13"):
    case("timeit/plain-" + version)(lambda version=version: several(version, []))
    case("timeit/verbose-" + version)(lambda version=version: several(version, ["-v"]))


@case("timeit/units")
def units():
    return "".join("%d loops, best of 3: %s per loop\n" % (n, t) for n, t in (
        (100, "0.425 usec"), (100, "0.000424 msec"), (100, "4.79e-07 sec"), (7, "1e+03 nsec"), (3, "0.0072 usec"),
        (1, "1e+04 sec"), (1000000, "313 ns"), (1000, "1.5 \u00b5s"), (10, "2.5 ms"), (1, "3 s"))).encode()


@case("timeit/ipython")
def ipython():
    return ("The slowest run took 13.34 times longer than the fastest. This could mean that an intermediate result is being cached.\n"
            "3.93 \u00b5s \u00b1 4.67 \u00b5s per loop (mean \u00b1 std. dev. of 7 runs, 1,000 loops each)\n"
            "1.5 \u03bcs \u00b1 20 ns per loop (mean \u00b1 std. dev. of 1 run, 1 loop each)\n"
            "1min 2s \u00b1 1.2 s per loop (mean \u00b1 std. dev. of 2 runs, 1 loop each)\n"
            "2h 0min 1s +- 500 ms per loop (mean +- std. dev. of 7 runs, 1 loop each)\n"
            "12 ns \u00b1 0.1 ns per loop (mean \u00b1 std. dev. of 7 runs, 100,000,000 loops each)\n").encode()


@case("timeit/bad-lines")
def bad_lines():
    return (b"raw times: 1 2\nraw times: 1.5 x\n0 loops, best of 5: 1 nsec per loop\n5 loops, best of 5: 1 fortnight per loop\n"
            b"99999999999999999999 loops, best of 5: 1 nsec per loop\n5 loops, best of 5: nan nsec per loop\n"
            b"5 loops, best of 5: 1,5 msec per loop\n9000000000000000000 loops, best of 5: 9 sec per loop\n"
            b"raw times: 1 sec, 2 sec\n5 loops, best of 2: 200 msec per loop\nraw times: 7 sec\n")


@case("timeit/no-result")
def no_result():
    return b"raw times: 1 sec, 2 sec\n"


if __name__ == "__main__":
    main()
