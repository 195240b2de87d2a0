#!/usr/bin/env python3
"""make_tracemalloc.py [CASE...] - makes the inputs of tests/formats/tracemalloc; see make.py."""
import pickle
import pickletools
import types

import make
from make import case, main, run_profiler

make.CASES.clear()
make.SUFFIX["tracemalloc"] = "snap"


# ---- real snapshots

def run(version, protocol, frames):
    """The file is named without its folder, which is another one everywhere."""
    code = "exec(compile(open('tracemalloc_work.py').read(), 'work.py', 'exec'), {'__file__': 'work.py', '__name__': 'work'})"
    return run_profiler(version, "-c", code, "OUT", str(protocol), str(frames))


for version, protocol in (("3.6", 4), ("3.8", 5), ("3.11", 5), ("3.13", 5)):
    case("tracemalloc/snapshot-" + version)(lambda version=version, protocol=protocol: run(version, protocol, 3))
for protocol in (0, 2, 3):
    case("tracemalloc/protocol-%d" % protocol)(lambda protocol=protocol: run("3.11", protocol, 1))


# ---- snapshots by hand

def snapshot(traces, limit=5, protocol=4, **more):
    """What Snapshot.dump would write of these traces."""
    kind = {name: type(name, (), {"__module__": "tracemalloc"}) for name in ("Snapshot", "_Traces")}
    s, t = kind["Snapshot"](), kind["_Traces"]()
    t._traces = traces
    s.traces = t
    s.traceback_limit = limit
    s.__dict__.update(more)
    fake = types.ModuleType("tracemalloc")
    fake.__dict__.update(kind)
    real = make.sys.modules.get("tracemalloc")
    make.sys.modules["tracemalloc"] = fake
    try:
        return pickle.dumps(s, protocol)
    finally:
        del make.sys.modules["tracemalloc"]
        if real:
            make.sys.modules["tracemalloc"] = real


MAIN, PARSE, READ = ("app/main.py", 40), ("app/parse.py", 12), ("app/read.py", 7)


@case("tracemalloc/two-fields")
def two_fields():
    """Python 3.4 and 3.5: (size, traceback)."""
    return snapshot([(100, (PARSE, MAIN)), (28, (PARSE, MAIN)), (64, (READ,))])


@case("tracemalloc/domains")
def domains():
    """Domain 0 has no label, so that its samples are those of a file without domains."""
    return snapshot([(0, 100, (READ, MAIN), 2), (389047, 1 << 40, (READ, MAIN), 2), (389047, 4096, (PARSE, MAIN), 2),
                     (2**32 - 1, 77, (PARSE,), 1)])


@case("tracemalloc/cut-tracebacks")
def cut_tracebacks():
    return snapshot([(0, 100, (READ, PARSE), 9), (0, 50, (READ, PARSE), 2), (0, 10, (MAIN,), 1)], limit=2)


@case("tracemalloc/equal-tracebacks")
def equal_tracebacks():
    """Tracebacks that are equal, but not one object; a trace that comes twice; frames that recur."""
    twice = (0, 8, (READ, READ, MAIN), 3)
    return snapshot([(0, 8, tuple(list((READ, MAIN))), 2), (0, 16, tuple(list((READ, MAIN))), 2), twice, twice])


@case("tracemalloc/odd-names")
def odd_names():
    names = ["", "a;b.py", "two\nlines.py", "caf\xe9/\u6f22.py", "/tmp/\udcff.py", "nul\0.py", "C:\\x.py", "<string>",
             "<unknown>", "x" * 300 + ".py"]
    return snapshot([(0, i + 1, ((n, 70000 * i),), 1) for i, n in enumerate(names)] + [(0, 5, (), 0), (0, 6, (("neg.py", -1),), 1)])


@case("tracemalloc/empty")
def empty():
    return snapshot([])


@case("tracemalloc/tuple-of-traces")
def tuple_of_traces():
    return snapshot(((0, 5, (MAIN,), 1), (0, 6, (MAIN,), None)))


@case("tracemalloc/attributes")
def attributes():
    """What a program hung onto its snapshot is left out."""
    return snapshot([(0, 5, (MAIN,), 1)], note="mine", when=1.5, tags=["a", None])


@case("tracemalloc/optimized")
def optimized():
    return pickletools.optimize(snapshot([(0, 5, (MAIN,), 1), (0, 6, (READ, MAIN), 2)]))


@case("tracemalloc/more-follows")
def more_follows():
    return snapshot([(0, 5, (MAIN,), 1)]) + b"and more"


@case("tracemalloc/cut")
def cut():
    return snapshot([(0, 5, (MAIN,), 1)])[:-30]


@case("tracemalloc/sum-overflows")
def sum_overflows():
    return snapshot([(0, 2**62, (MAIN,), 1)] * 2)


@case("tracemalloc/no-trace")
def no_trace():
    return snapshot([(0, "5", (MAIN,), 1)])


@case("tracemalloc/not-a-snapshot")
def not_a_snapshot():
    return pickle.dumps({"a": [1, 2]}, 4)


@case("tracemalloc/refused-global")
def refused_global():
    return b"\x80\x02cposix\nsystem\n(X\x02\0\0\0idtR."


@case("tracemalloc/refused-opcode")
def refused_opcode():
    return b"\x80\x04\x8c\x0btracemalloc\x8c\x08Snapshot\x93)R."


@case("tracemalloc/refused-text-opcode")
def refused_text_opcode():
    return b"(S'id'\nios\nsystem\n."


@case("tracemalloc/yappi")
def yappi():
    return b"\x80\x02cyappi\nYFuncStats\nq\0)\x81q\x01."


# ---- text

@case("tracemalloc/text-statistics")
def text_statistics():
    return ("Starting...\n[ Top 10 ]\n"
            "/home/dev/app.py:4: size=858 KiB, count=10000, average=88 B\n"
            "C:\\dev\\app.py:5: size=85.5 KiB, count=1, average=85.5 KiB\n"
            "odd: size=3 name.py:7: size=4194305 TiB, count=2, average=2097153 TiB\n"
            "caf\xe9.py:0: size=0 B, count=0\n").encode()


@case("tracemalloc/text-difference")
def text_difference():
    return (b"file:11: size=483 KiB (+483 KiB), count=10000 (+10000), average=49 B\r\n"
            b"file:12: size=0 B (-83.1 KiB), count=0 (-1)\r\n"
            b"file:11: size=10 B (+0 B), count=1 (+0), average=10 B\r\n")


@case("tracemalloc/text-repr")
def text_repr():
    """Exact bytes; the oldest frame comes first since Python 3.7."""
    return (b"<Statistic traceback=<Traceback (<Frame filename='app.py' lineno=39>, <Frame filename='read it\\'s.py' lineno=4>)>"
            b" size=798900 count=10000>\n"
            b"<StatisticDiff traceback=<Traceback (<Frame filename=\"caf\\xe9\\u6f22\\udcff.py\" lineno=4>,)>"
            b" size=405000 (-393900) count=5000 (-5000)>\n")


@case("tracemalloc/text-repr-3.6")
def text_repr_36():
    """The most recent frame came first: the paths of the library tell."""
    return (b"<Statistic traceback=<Traceback (<Frame filename='/usr/lib/python3.6/json/decoder.py' lineno=355>,"
            b" <Frame filename='app.py' lineno=4>)> size=9 count=1>\n")


@case("tracemalloc/text-blocks")
def text_blocks():
    return (b'10000 memory blocks: 780.2 KiB\n  File "app.py", line 39\n    main()\n  File "read.py", line 4\n    x = data * 10\n'
            b'3 memory blocks: 12.0 KiB\n  File "app.py", line 40\n')


@case("tracemalloc/text-top")
def text_top():
    """display_top of Python's documentation."""
    return (b"Top 2 lines\n#1: app/parse.py:4: 858.3 KiB\n    processed = data * 10\n#2: app/read.py:5: 85.5 KiB\n"
            b"3 other: 0.1 KiB\nTotal allocated size: 944.0 KiB\n")


@case("tracemalloc/text-of-all-kinds")
def text_of_all_kinds():
    return text_top() + text_blocks() + text_repr() + text_statistics()


@case("tracemalloc/no-statistics")
def no_statistics():
    return b"hello\nworld\n"


if __name__ == "__main__":
    main()
