#!/usr/bin/env python3
"""make_asyncio.py [CASE...] - the inputs of the cases of asyncio's debug log; see make.py.

Real logs are what asyncio_work.py writes under each Python; the folders of this machine are taken out of them.
"""
import json
import os
import re
import subprocess

from make import CASES, HERE, SUFFIX, case, main, python

CASES.clear()  # those of make.py
SUFFIX["asyncio"] = "log"


def run(version, *words):
    exe = python(version)
    if not exe:
        return None
    env = {"PYTHONHASHSEED": "0", "PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1", "PYTHONIOENCODING": "utf-8",
           "PYTHONWARNINGS": "ignore"}
    p = subprocess.run([exe, "asyncio_work.py", *words], cwd=HERE, env=env, check=True, stderr=subprocess.PIPE)
    text = p.stderr.decode().replace(HERE, "/srv/app")
    return re.sub(r"/[^ '\"]*(/lib/python3)", r"/usr\1", text).encode()


for version, log_format in (("3.6", "bare"), ("3.7", "basic"), ("3.8", "json"), ("3.9", "time"), ("3.10", "bare"),
                            ("3.11", "time"), ("3.12", "debug"), ("3.13", "json")):
    case("asyncio/%s-%s" % (log_format, version))(
        lambda version=version, log_format=log_format: run(version, log_format))
for version in ("3.6", "3.13"):
    case("asyncio/lines-in-a-record-" + version)(lambda version=version: run(version, "time", "multi"))


TASK = "Executing <Task pending name='T' coro=<f() running at a.py:3> cb=[g() at b.py:4] created at c.py:9> took 0.152 seconds"


@case("asyncio/uvloop")
def uvloop():
    """Callbacks without parentheses or place, and reprs of what has no name."""
    return (b"Executing <Handle Server.on_read created at /srv/app/s.py:5> took 0.500 seconds\n"
            b"Executing <TimerHandle when=12.5 tick created at /srv/app/s.py:7> took 0.250 seconds\n"
            b"Executing <Handle <method-wrapper 'send' of coroutine object at 0x7f> created at a.py:5> took 0.125 seconds\n"
            b"Executing <Handle UVProcessTransport.__kill> took 0.100 seconds\n")


@case("asyncio/shipped-in-json")
def shipped():
    """Docker puts a line into JSON, with its brackets spelled; the line may be JSON itself."""
    inner = json.dumps({"logger": "asyncio", "message": TASK.replace("'T'", '"it\'s"')})
    lines = [json.dumps({"log": "WARNING asyncio " + TASK + "\n", "stream": "stderr"}),
             json.dumps({"log": inner + "\n", "stream": "stderr"}),
             json.dumps([{"msg": TASK}, {"msg": TASK.replace("'T'", "'\U0001f40d'")}])]
    return "".join(l + "\n" for l in lines).replace("<", "\\u003c").replace(">", "\\u003e").encode()


@case("asyncio/names-and-places")
def names():
    """Subclasses, coroutines of Cython, paths with colons, blanks and brackets, escapes in names of tasks."""
    return "".join(line + "\n" for line in (
        "Executing <Worker pending name='a\\'b\\\"c\\n\\xe9\\u540d\\\\' coro=<f() running at C:\\x y\\a.py:3>> took 0.001 seconds",
        "Executing <Task cancelling name='T' coro=<m.<locals>.g() running at /a:b/c (2)/<d>.py:7> wait_for=<Future pending>> took 0.002 seconds",
        "Executing <Task pending name='T' coro=<fetch()>> took 0.004 seconds",
        "Executing <Task finished coro=<<coroutine without __name__>() running> result=1> took 0.008 seconds",
        "Executing <Handle cancelled> took 0.016 seconds",
        "Executing <Handle f(\") at x.py:1\", <unbalanced) at /a/b.py:9 created at /a/c.py:2> took 0.032 seconds",
        "Executing <Handle <bound method A.f of <A object at 0x7f12>>(1) created at s.py:1> took 0.064 seconds",
        "Executing <function tick at 0x7f00> took 0.128 seconds")).encode()


@case("asyncio/colours-and-other-ends")
def ends():
    """Windows' line ends, colours, a formatter that adds the place, text without a line end; UTF-16."""
    return ("\x1b[33mWARNING\x1b[0m asyncio: " + TASK + "\x1b[0m\r\n" + TASK + "  \r\n" + TASK + " [base_events.py:1458]\r\n"
            + TASK).encode("utf-16")


@case("asyncio/look-alikes")
def look_alikes():
    """Only whole records count; what merely looks like one is told."""
    return "".join(line + "\n" for line in (
        "2026-01-02 03:04:05,678 INFO app: Executing <query 7>", "2026-01-02 03:04:05,678 WARNING asyncio: " + TASK,
        "2026-01-02 03:04:05,678 WARNING asyncio: " + TASK.replace("0.152", "0,152"),
        "2026-01-02 03:04:05,678 WARNING asyncio: " + TASK.replace("0.152", "nan"),
        "2026-01-02 03:04:05,678 WARNING asyncio: " + TASK.replace("0.152", "1" * 40 + ".000"),
        "2026-01-02 03:04:05,678 WARNING asyncio: " + TASK[:60],
        "2026-01-02 03:04:05,678 INFO app: took 5.000 seconds", "2026-01-02 03:04:05,678 DEBUG asyncio: poll took 1.000 ms: 1 events",
        '{"message": "' + TASK[:50])).encode()


@case("asyncio/nothing-slow")
def nothing_slow():
    return b"2026-01-02 03:04:05,678 DEBUG asyncio: Using selector: EpollSelector\n2026-01-02 03:04:06,678 INFO app: ready\n"


if __name__ == "__main__":
    main()
