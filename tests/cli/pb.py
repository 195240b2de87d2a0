#!/usr/bin/env python3
"""pb.py OUTPUT [KEY=VALUE...] <LINES - a small profile in the common format, of kinds that folded stacks do not have.

Lines are `root;leaf VALUE [time=N]`; keys are type, unit, kind (0 sum, 1 gauge, 2 peak), duration and period (ns), and label, what time is called.
"""
import sys


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


how = dict(type="space", unit="bytes", kind="1", duration="0", period="0", clock="", label="time")
how.update(word.split("=", 1) for word in sys.argv[2:])
words, funcs, out = {"": 0}, {}, []


def word(w):
    return words.setdefault(w, len(words))


out.append(msg(1, num(1, word(how["type"])) + num(2, word(how["unit"]))))
for line in sys.stdin:
    stack, value, *time = line.split()
    ids = [funcs.setdefault(name, len(funcs) + 1) for name in reversed(stack.split(";"))]
    body = msg(1, b"".join(map(varint, ids))) + msg(2, varint(int(value) & (1 << 64) - 1))
    if time:
        body += msg(3, num(1, word(how["label"])) + num(3, int(time[0][5:])))
    out.append(msg(2, body))
for name, i in funcs.items():
    out.append(msg(4, num(1, i) + msg(4, num(1, i))))
    out.append(msg(5, num(1, i) + num(2, word(name)) + num(4, word("app.py"))))
out.append(num(10, int(how["duration"])))
if how["period"] != "0" or how["clock"]:
    out.append(msg(11, num(1, word(how["clock"])) + num(2, word("nanoseconds"))) + num(12, int(how["period"])))
out.append(num(1000, 1) + msg(1004, num(1, int(how["kind"]))))
with open(sys.argv[1], "wb") as f:
    f.write(b"".join(out + [msg(6, w.encode()) for w in words]))
