#!/usr/bin/env python3
"""make_json.py [CASE...] - makes the inputs of the golden cases of the JSON formats (then: UPDATE=1 ../run CASE).

All of it is written here, after what py-spy 0.4.2, speedscope and pyperf write.
"""
import json

from make import CASES, SUFFIX, case, main

CASES.clear()  # those of make.py
SUFFIX.update(speedscope="json", chrometrace="json", pyspydump="json", pyperf="json", memray="json")


def compact(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


# ---- speedscope

SCHEMA = "https://www.speedscope.app/file-format-schema.json"
FRAMES = [{"name": "main", "file": "app.py", "line": 40, "col": 5}, {"name": "parse", "file": "app.py", "line": 12},
          {"name": "render", "file": "app.py", "line": 21}]


def speedscope(*profiles, frames=FRAMES, **more):
    return compact(dict({"$schema": SCHEMA, "shared": {"frames": frames}, "profiles": list(profiles)}, **more))


def sampled(unit, samples, weights, name="one", start=0, **more):
    return dict({"type": "sampled", "name": name, "unit": unit, "startValue": start, "endValue": start + sum(weights),
                 "samples": samples, "weights": weights}, **more)


def evented(unit, *events, **more):
    return dict({"type": "evented", "name": "one", "unit": unit, "startValue": 0, "endValue": 9,
                 "events": [{"type": t, "at": at, "frame": f} for t, at, f in events]}, **more)


@case("speedscope/sampled")
def speedscope_sampled():
    """The time of each sample is kept, and begins at startValue; an empty stack is idle time."""
    return speedscope(sampled("milliseconds", [[0, 1], [0, 2], [], [0, 1]], [10, 20, 5, 10], start=1000),
                      name="app", exporter="speedscope@1.0", activeProfileIndex=None)


@case("speedscope/evented")
def speedscope_evented():
    """Recursion, and a gap with nothing open."""
    return speedscope(evented("microseconds", ("O", 0, 0), ("O", 1, 1), ("O", 2.5, 1), ("C", 4, 1), ("C", 5, 1),
                              ("C", 6, 0), ("O", 8, 2), ("C", 9, 2)))


@case("speedscope/py-spy")
def speedscope_py_spy():
    """Profiles before the frames; a line of null, and one of -1 as a u32; the thread is in the name."""
    frames = [{"name": "<module>", "file": "/srv/app.py", "line": 40, "col": None},
              {"name": "native", "file": "libc.so.6", "line": 4294967295, "col": None},
              {"name": "wait", "file": "/srv/app.py", "line": None, "col": None}]
    return compact({"$schema": SCHEMA, "profiles": [
        sampled("seconds", [[0, 2], [0, 1], [0, 2]], [0.01] * 3, name='Thread 165 "MainThread"', start=0.0),
        sampled("seconds", [[0, 2]], [0.01], name="Thread 0x7F8C4A84F700", start=0.0)],
        "shared": {"frames": frames}, "activeProfileIndex": None, "exporter": "py-spy@0.4.2",
        "name": "py-spy profile"})


@case("speedscope/py-spy-subprocesses")
def speedscope_subprocesses():
    """With -s and -t: frames without a file that are a process or a thread become labels."""
    frames = [{"name": 'process 10:"python app.py"', "file": "", "line": 0}, {"name": "thread (0x7F): worker", "file": "", "line": 0},
              {"name": 'process 11:"python -c \'a "b"\'"', "file": "", "line": 0}] + FRAMES
    return compact({"$schema": SCHEMA, "profiles": [
        sampled("seconds", [[0, 2, 1, 3, 4], [0, 3, 5], [3, 1]], [0.01, 0.01, 0.02],
                name='Process 11 Thread 0x7F "worker"')], "shared": {"frames": frames}})


@case("speedscope/threads-known-first")
def speedscope_threads_first():
    return speedscope(sampled("seconds", [[3, 4, 0, 1], [3, 0, 2]], [1, 2]),
                      frames=FRAMES + [{"name": 'process 10:"app"', "file": None}, {"name": "thread (7)"}])


@case("speedscope/sorted-keys")
def speedscope_sorted():
    """As jq -S and version 0.0.1 have it: events and weights before their unit, profiles before the frames."""
    text = json.loads(speedscope(evented("none", ("O", 0, 0), ("O", 1, 1), ("C", 4, 1), ("C", 9, 0)),
                                 sampled("none", [[0, 2], [0]], [3, 4], name="two"), version="0.0.1"))
    return json.dumps(text, sort_keys=True, indent=1).encode()


@case("speedscope/weights-before-samples")
def speedscope_weights_first():
    return speedscope({"weights": [1, 2.5], "samples": [[0, 1], [0]], "unit": "seconds", "type": "sampled"})


@case("speedscope/several-units")
def speedscope_units():
    return speedscope(sampled("bytes", [[0, 1]], [4096], name="memory"), sampled("seconds", [[0, 1]], [1], name="wall"),
                      sampled("none", [[0, 2]], [7], name="hits"), sampled("nanoseconds", [[0]], [5], name="cpu"))


@case("speedscope/fractions")
def speedscope_fractions():
    """Ten tenths are one."""
    return speedscope(sampled("none", [[0, 1]] * 4 + [[0]] * 6, [0.1] * 10), sampled("bytes", [[0]], [-3]))


@case("speedscope/names")
def speedscope_names():
    """Escapes, a half of a surrogate pair, bytes that Python could not decode, a NUL, and no UTF-8 at all."""
    frames = r'[{"name":"a\u0000b\ud800"},{"name":"\ud83d\ude00;\"\\\/"},{"name":"f\udcff","file":"dir\\x.py"},{"name":"' \
        .encode() + b'\xff"}]'
    return (b'{"$schema":"' + SCHEMA.encode() + b'","shared":{"frames":' + frames + b'},"profiles":['
            + compact(sampled("none", [[0], [1], [2], [3]], [1, 2, 3, 4])) + b"]}")


@case("speedscope/utf16")
def speedscope_utf16():
    return speedscope(sampled("none", [[0]], [1]), frames=[{"name": "caf\xe9"}]).decode().encode("utf-16")


for name, profile in {
        "frame-out-of-range": sampled("none", [[0, 7]], [1]), "frame-no-number": sampled("none", [["0"]], [1]),
        "too-few-weights": sampled("none", [[0], [1]], [1]), "too-many-weights": sampled("none", [[0]], [1, 2]),
        "no-weights": {"type": "sampled", "name": "x", "unit": "none", "samples": [[0]]},
        "unknown-unit": sampled("parsecs", [[0]], [1]), "unknown-type": dict(sampled("none", [], []), type="x"),
        "weight-too-large": sampled("none", [[0]], [1e300]),
        "sum-too-large": sampled("none", [[0], [0]], [2**62, 2**62]),
        "unbalanced": evented("none", ("O", 0, 0), ("O", 1, 1), ("C", 2, 0)),
        "still-open": evented("none", ("O", 0, 0), ("O", 1, 1), ("C", 2, 1)),
        "backwards": evented("none", ("O", 5, 0), ("C", 1, 0)),
        "unbalanced-late": {"events": [{"type": "C", "at": 1, "frame": 0}], "type": "evented", "unit": "none"}}.items():
    case("speedscope/" + name)(lambda profile=profile: speedscope(profile))


@case("speedscope/frame-out-of-range-late")
def speedscope_range_late():
    return compact({"$schema": SCHEMA, "profiles": [sampled("none", [[0, 7], [1]], [1, 1])], "shared": {"frames": FRAMES}})


@case("speedscope/no-frames")
def speedscope_no_frames():
    return compact({"$schema": SCHEMA, "profiles": [sampled("none", [], [])]})


@case("speedscope/cut")
def speedscope_cut():
    return speedscope(sampled("none", [[0]], [1]))[:-12]


# ---- trace events

def event(ph, name, ts, **more):
    return dict({"ph": ph, "name": name, "ts": ts, "pid": 1, "tid": 7}, **more)


@case("chrometrace/begin-end")
def trace_begin_end():
    """One thread recursive, the other between; times have fractions of a microsecond."""
    return compact([event("B", "a", 0), event("B", "a", 1.5), event("B", "b", 2, tid=8), event("E", "a", 3),
                    event("E", "b", 4, tid=8), event("E", "a", 5.0005), event("B", "c", 9), event("E", "c", 10)])


@case("chrometrace/whole-events")
def trace_whole():
    """As VizTracer writes them: callees first. Of two that begin together the longer one is the caller."""
    return compact({"traceEvents": [
        event("X", "leaf", 2, dur=1), event("X", "middle", 1, dur=3), event("X", "short", 6, dur=1),
        event("X", "long", 6, dur=2), event("X", "root", 0, dur=10), event("X", "nothing", 4, dur=0),
        event("X", "next", 10, dur=1)], "displayTimeUnit": "ms",
        "viztracer_metadata": {"overflow": False, "version": "0.15.6", "producer": None}})


@case("chrometrace/whole-and-begin")
def trace_mixed():
    return compact([event("X", "outer", 0, dur=10), event("B", "inner", 2), event("X", "leaf", 3, dur=1),
                    event("E", "inner", 10), event("B", "after", 10), event("E", "after", 12)])


@case("chrometrace/names")
def trace_names():
    """Threads and processes have names; those are known by another pair of ids each."""
    meta = [event("M", "process_name", 0, args={"name": "server"}), event("M", "thread_name", 0, args={"name": "worker"}),
            event("M", "thread_name", 0, tid=8, args={"name": "other"}), event("M", "thread_sort_index", 0, args={"sort_index": 1})]
    return compact(meta + [event("X", "f", 0, dur=3), event("X", "f", 0, dur=4, tid=8), event("X", "f", 0, dur=5, pid=2),
                           event("X", "f", 0, dur=6, pid="x", tid="main")])


@case("chrometrace/py-spy")
def trace_py_spy():
    """Frames with their place; with -t and -s threads and processes are events, too."""
    place = {"cat": "py-spy", "args": {"filename": "/srv/app.py", "line": 12}}
    none = {"cat": "py-spy", "args": {"filename": "", "line": 0}}
    names = [('process 1:"python app.py"', none), ("thread (7): MainThread", none), ("main", place), ("parse", place)]
    return compact([event("B", n, 100, **a) for n, a in names] + [event("E", "parse", 200, **place)]
                   + [event("E", n, 300, **a) for n, a in reversed(names[:-1])])


@case("chrometrace/one-moment")
def trace_moment():
    """Ends of one moment come in any order; a call may begin and end in it."""
    return compact([event("B", "a", 0), event("B", "b", 0), event("B", "c", 0), event("E", "a", 5), event("E", "c", 5),
                    event("E", "b", 5), event("B", "d", 5), event("E", "d", 5), event("B", "e", 5), event("E", "e", 6)])


@case("chrometrace/out-of-order")
def trace_order():
    return compact([event("E", "a", 9), event("E", "b", 5), event("B", "b", 2), event("B", "a", 1)])


@case("chrometrace/what-does-not-fit")
def trace_misfits():
    """An end without a begin, one of another name, a begin without an end, whole events that overlap, other kinds."""
    return compact([event("E", "first", 0), event("B", "a", 1), event("B", "b", 2), event("E", "a", 3), event("i", "mark", 4),
                    event("C", "counter", 4), event("X", "x", 0, dur=5, tid=8), event("X", "y", 3, dur=5, tid=8)])


@case("chrometrace/no-names")
def trace_no_names():
    """An end needs no name; times may be in quotes."""
    return compact([{"ph": "B", "ts": "0", "pid": 1, "tid": 1, "name": "a"}, {"ph": "B", "ts": "1", "pid": 1, "tid": 1},
                    {"ph": "E", "ts": "3", "pid": 1, "tid": 1}, {"ph": "E", "ts": "7", "pid": 1, "tid": 1}])


@case("chrometrace/not-closed")
def trace_open():
    return compact([event("B", "a", 0), event("E", "a", 5)])[:-1] + b",\n\n"


@case("chrometrace/samples")
def trace_samples():
    frames = {"1": {"name": "root", "category": "js"}, "2": {"name": "f", "parent": "1", "line": "12"}, "3": {"name": "g", "parent": 2}}
    take = [("10", 3, None), ("20", 2, "2"), ("30", 3, "1"), ("40", 1, None)]
    return compact({"traceEvents": [event("M", "thread_name", "0", args={"name": "js"})], "stackFrames": frames,
                    "samples": [dict({"ts": ts, "sf": sf, "pid": 1, "tid": "7"}, **({"weight": w} if w else {})) for ts, sf, w in take]})


for name, events in {
        "no-time": [{"ph": "B", "name": "a"}], "no-events": [], "no-objects": [1, 2, 3],
        "time-too-large": [event("X", "a", 0, dur=1e300)], "time-no-number": [event("B", "a", [])],
        "lasts-less-than-nothing": [event("X", "a", 0, dur=-1)],
        "sum-too-large": [event("X", "a", -9e15, dur=9e15), event("X", "b", 0, dur=9e15)]}.items():
    case("chrometrace/" + name)(lambda events=events: compact(events))


@case("chrometrace/frame-calls-itself")
def trace_cycle():
    return compact({"traceEvents": [], "samples": [{"ts": 1, "sf": 1}],
                    "stackFrames": {"1": {"name": "a", "parent": 2}, "2": {"name": "b", "parent": 1}}})


@case("chrometrace/cut")
def trace_cut():
    return compact([event("B", "a", 0), event("E", "a", 5)])[:-8]


# ---- py-spy dump

def dumped(frames, **more):
    return dict({"pid": 165, "thread_id": 139826118547136, "thread_name": "MainThread", "os_thread_id": 165, "active": True,
                 "owns_gil": True, "frames": frames, "process_info": None}, **more)


LEAF = {"name": "leaf", "filename": "/srv/app.py", "module": None, "short_filename": "app.py", "line": 12, "locals": None,
        "is_entry": False, "is_shim_entry": False}
BASE = dict(LEAF, name="<module>", line=40, is_entry=True)


@case("pyspydump/json")
def dump_json():
    """Leaf first; states; a thread without a name, and one without a frame."""
    process = {"pid": 165, "command_line": "python app.py", "parent": {"pid": 1, "command_line": "init", "parent": None}}
    variable = {"name": "x", "addr": 140737488355328, "arg": True, "repr": '"a\nb"'}
    return json.dumps([dumped([LEAF, BASE], process_info=process), dumped([dict(LEAF, locals=[variable]), BASE], owns_gil=False, os_thread_id=166),
                       dumped([BASE], active=False, owns_gil=False, thread_name=None, os_thread_id=None),
                       dumped([], active=False, owns_gil=False, os_thread_id=167)], indent=2).encode()


@case("pyspydump/two-json")
def dump_two():
    """Dumps appended to one file; frames of older versions have no locals."""
    one = json.dumps([dumped([{"name": "f", "filename": "a.py", "short_filename": None, "module": None, "line": 3}])]).encode()
    return one + b"\n" + one


@case("pyspydump/json-with-tasks")
def dump_tasks():
    return compact({"threads": [dumped([LEAF, BASE])], "asyncio_tasks": [{"name": "Task-1", "frames": []}]})


TEXT = """Process 165: python app.py --x "a b"
Python v3.12.3 (/usr/bin/python3.12)
Parent Process 1: init

Thread 165 (active+gil): "MainThread"
    leaf (app.py:12)
    <module> (app.py:40)
Thread 166 (idle): "name ("odd"): "
    wait (threading.py:359)
    0x7f12ab (libc.so.6)
Thread 0x7F8C4A84F700 (active)
"""


@case("pyspydump/text")
def dump_text():
    return TEXT.encode()


@case("pyspydump/text-of-two-processes")
def dump_text_two():
    return ("Warning: not permitted to read something\n" + TEXT + "-" * 40 + "\n"
            + TEXT.replace("165", "200").replace("app.py --x", "child.py")).encode()


@case("pyspydump/text-locals")
def dump_locals():
    """With -l; values have several lines, one of which looks nearly like a frame."""
    return (TEXT.replace("    <module>", "        Arguments:\n            x: 1\n        Locals:\n            text: \"two\nlines\n"
                         "      f (x.py:1)\n\n\"\n    <module>")).encode()


@case("pyspydump/text-colours")
def dump_colours():
    """As on a terminal."""
    return (TEXT.replace("leaf", "\x1b[32mleaf\x1b[0m").replace("app.py:12", "\x1b[36mapp.py\x1b[0m:\x1b[1;2m12\x1b[0m")
            .replace("Thread 165 (active+gil)", "Thread \x1b[1m\x1b[33m165\x1b[0m (\x1b[32mactive+gil\x1b[0m)")
            .replace("\n", "\r\n")).encode()


for name, value in {
        "no-threads": [], "frames-null": [dumped(None)], "line-no-number": [dumped([dict(LEAF, line="x")])],
        "another-object": {"a": 1}}.items():
    case("pyspydump/" + name)(lambda value=value: compact(value))


@case("pyspydump/no-text-of-a-dump")
def dump_no_text():
    return b"hello\nworld\n"


# ---- pyperf

def pyperf(*benchmarks, **metadata):
    return compact({"benchmarks": list(benchmarks), "metadata": metadata, "version": "1.0"})


@case("pyperf/seconds")
def pyperf_seconds():
    """Value i of each benchmark is in profile i; loops are said for all, for one benchmark and for one run."""
    return pyperf({"metadata": {"name": "parse", "loops": 1000, "inner_loops": 4},
                   "runs": [{"metadata": {"calibrate_loops": 1000}, "warmups": [[1, 3e-06], [1000, 2.5e-06]]},
                            {"warmups": [[1000, 2.5e-06]], "values": [2.00000000025e-06, 2.1e-06]}, {"values": [2.2e-06]}]},
                  {"metadata": {"name": "render"}, "runs": [{"values": [0.5]}, {"values": [12.0], "metadata": {"loops": 2}}]},
                  loops=8, unit="second", python_implementation="cpython", python_version="3.12.1 (64-bit) revision abc")


@case("pyperf/bytes-and-integers")
def pyperf_bytes():
    return pyperf({"metadata": {"name": "memory", "unit": "byte"}, "runs": [{"values": [7360512, 7364608]}]},
                  {"metadata": {"name": "count", "unit": "integer"}, "runs": [{"values": [5]}, {"values": [7]}]}, loops=32768)


@case("pyperf/old-version")
def pyperf_old():
    return compact({"version": 5, "benchmarks": [{"common_metadata": {"name": "b"}, "runs": [{"samples": [0.25], "warmups": None}]}]})


for name, value in {
        "no-values": {"runs": [{"warmups": [[1, 1.0]]}]}, "value-no-number": {"runs": [{"values": ["x"]}]},
        "value-too-large": {"runs": [{"values": [1e30]}]}, "no-runs": {"metadata": {}},
        "unknown-unit": {"metadata": {"unit": "hour"}, "runs": []},
        "loops-below-one": {"metadata": {"loops": 0}, "runs": []}}.items():
    case("pyperf/" + name)(lambda value=value: pyperf(value, name="b"))


if __name__ == "__main__":
    main()
