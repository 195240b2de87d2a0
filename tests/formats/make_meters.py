#!/usr/bin/env python3
"""make_meters.py [CASE...] - makes the inputs of the golden cases of memray and scalene (then: UPDATE=1 ../run CASE).

All of it is written here, after what `memray stats --json` and `scalene --json` write.
"""
import json

from make import CASES, SUFFIX, case, main

CASES.clear()  # those of make.py
SUFFIX.update(memray="json", scalene="json")


def text(value):
    return json.dumps(value, indent=2).encode()


# ---- memray

def memray(by_size=(), by_count=(), size=1000, count=50, **more):
    return dict({
        "total_num_allocations": count, "total_bytes_allocated": size,
        "allocation_size_histogram": [{"min_bytes": 0, "max_bytes": 15, "count": count}],
        "allocator_type_distribution": {"MALLOC": count},
        "top_allocations_by_size": [{"location": at, "size": n} for at, n in by_size],
        "top_allocations_by_count": [{"location": at, "count": n} for at, n in by_count],
        "metadata": {"start_time": "2023-05-01 10:11:12.123000", "end_time": "2023-05-01 10:11:13", "total_allocations": count,
                     "total_frames": 4, "peak_memory": 900, "command_line": "memray run app.py", "pid": 7,
                     "python_allocator": "pymalloc", "has_native_traces": False}}, **more)


@case("memray/places")
def memray_places():
    """Places by size, by count and by both; C++ names; the rest is under no stack."""
    return text(memray([("parse:/srv/app.py:12", 600), ("std::vector<int>::grow:/srv/v.cpp:7", 150),
                        ("<stack trace unavailable>", 50)], [("parse:/srv/app.py:12", 30), ("<module>:/srv/app.py:1", 5)]))


@case("memray/all-told")
def memray_all():
    return text(memray([("f:a.py:1", 1000)], [("f:a.py:1", 50)]))


@case("memray/empty")
def memray_empty():
    return text(memray(size=0, count=0))


for name, value in {
        "more-than-total": memray([("f:a.py:1", 1001)]), "size-no-number": memray([("f:a.py:1", "x")]),
        "no-total": {"total_num_allocations": 1}, "place-without-size": memray(top_allocations_by_size=[{"location": "f:a.py:1"}]),
        "sum-too-large": memray([("f:a.py:1", 2**63 - 1), ("g:a.py:2", 1)])}.items():
    case("memray/" + name)(lambda value=value: text(value))


# ---- scalene

def line(number, source, python=0.0, native=0.0, system=0.0, malloc=0.0, peak=0.0, **more):
    return dict({"lineno": number, "line": source, "memory_samples": [[1, 2.5]], "n_avg_mb": peak, "n_copy_mb_s": 0.0,
                 "n_cpu_percent_c": native, "n_cpu_percent_python": python, "n_gpu_percent": 0.0, "n_malloc_mb": malloc,
                 "n_mallocs": 1, "n_peak_mb": peak, "n_sys_percent": system}, **more)


def scalene(files, **more):
    whole = {"elapsed_time_sec": 2.5, "files": {name: {"functions": [line(1, "f", 99.0)], "leaks": {}, "lines": lines,
                                                       "percent_cpu_time": 90.0} for name, lines in files.items()},
             "growth_rate": 0.0, "max_footprint_mb": 12.5, "memory": True, "program": "app.py", "samples": []}
    whole.update(more)
    return whole


@case("scalene/lines")
def scalene_lines():
    """Python, native and system time of each line; a line with memory only; one without anything."""
    return text(scalene({"/srv/app.py": [line(6, "    data = bytearray(n)\r\n", 0.0, 0.0, 0.0, 954.3412189483643, 954.3412189483643),
                                         line(7, "    return sum(data)\n", 40.5, 20.25, 1.123456789012345),
                                         line(9, "\n")],
                         "[12]": [line(1, "x = 1", 25.0, n_peak_mb=None)]}))


@case("scalene/first-version")
def scalene_first():
    """No program, no peaks."""
    return text({"elapsed_time_sec": 1, "growth_rate": 0.0, "samples": [], "max_footprint_mb": 0,
                 "files": {"a.py": {"percent_cpu_time": 100, "lines": [
                     {"lineno": 3, "line": "f()\n", "n_cpu_percent_c": 0, "n_cpu_percent_python": 100, "n_sys_percent": 0,
                      "n_malloc_mb": 0.5}], "functions": []}}})


for name, value in {
        "no-files": {"elapsed_time_sec": 1}, "time-after-files": {"files": {}, "elapsed_time_sec": 1},
        "no-line-number": scalene({"a.py": [{"line": "x"}]}), "share-too-large": scalene({"a.py": [line(1, "x", 1e30)]}),
        "share-no-number": scalene({"a.py": [line(1, "x", "much")]}),
        "time-too-large": scalene({"a.py": [line(1, "x", 9000000.0)]}, elapsed_time_sec=9e9)}.items():
    case("scalene/" + name)(lambda value=value: text(value))


if __name__ == "__main__":
    main()
