#!/usr/bin/env python3
"""make.py FOLDER N [FUNCTIONS [SEED]] - N profiles of a made-up fleet, the same bytes for the same arguments.

Half of them are of release r1, half of r2, from 20 hosts, a file each (pprof, with labels service, release and host, and
a time): FOLDER/RELEASE-HOST-NUMBER.pb. In r2 all code has moved down three lines; handler_2 takes half as much again,
handler_4 half as much, parse_old is gone and parse_new is there.
"""
import os
import random
import sys

HOSTS = 20


def varint(n):
    out = bytearray()
    while n > 127:
        out.append(n & 127 | 128)
        n >>= 7
    out.append(n)
    return bytes(out)


def num(field, n):
    return varint(field << 3) + varint(n)


def msg(field, body):
    return varint(field << 3 | 2) + varint(len(body)) + body


class Release:
    """What all profiles of a release share: its names, and the stack of each function as bytes."""

    def __init__(self, name, functions, moved):
        self.name = name
        self.words = {}
        for word in ("", "samples", "count", "cpu", "nanoseconds", "service", "web", "release", name, "host"):
            self.word(word)
        self.functions = ["main"] + functions
        self.stacks = [b""]
        tables = []
        for i, function in enumerate(self.functions, 1):
            line = 10 + 7 * (i % 90) + moved
            module = "app/%s.py" % function.split("_")[0]
            tables.append(msg(4, num(1, i) + msg(4, num(1, i) + num(2, line + 2))))
            tables.append(msg(5, num(1, i) + num(2, self.word(function)) + num(4, self.word(module)) + num(5, line)))
            if i > 1:  # every third is called by the one before, the others by main
                callers = self.stacks[-1] if i % 3 == 0 and i > 2 else varint(1)
                self.stacks.append(varint(i) + callers)
        types = msg(1, num(1, self.word("samples")) + num(2, self.word("count")))
        types += msg(1, num(1, self.word("cpu")) + num(2, self.word("nanoseconds")))
        self.head = types + b"".join(tables)
        self.labels = msg(3, num(1, self.word("service")) + num(2, self.word("web")))
        self.labels += msg(3, num(1, self.word("release")) + num(2, self.word(name)))

    def word(self, text):
        return self.words.setdefault(text, len(self.words))

    def cost(self, function, rank):
        """Of a function in nanoseconds, as it is on average: few take much, many little."""
        part = {"handler_2": 1.5, "handler_4": 0.5}.get(function, 1) if self.name == "r2" else 1
        return part * 4e8 / (rank + 3)

    def profile(self, host, number, rng):
        words = list(self.words) + [host]
        labels = self.labels + msg(3, num(1, self.word("host")) + num(2, len(words) - 1))
        load, out = 0.5 + rng.random(), [self.head]
        for rank, (function, stack) in enumerate(zip(self.functions[1:], self.stacks[1:])):
            if rank > 20 and rng.random() < 0.1:
                continue  # not every function is seen in every profile
            cpu = int(self.cost(function, rank) * load * (0.9 + 0.2 * rng.random()))
            values = varint(cpu // 10000000 + 1) + varint(cpu)
            out.append(msg(2, msg(1, stack) + msg(2, values) + labels))
        out += [msg(6, word.encode()) for word in words]
        out.append(num(9, (1700000000 + 60 * number) * 10**9) + num(10, 60 * 10**9))
        return b"".join(out)


def main():
    folder, n = sys.argv[1], int(sys.argv[2])
    functions = int(sys.argv[3]) if len(sys.argv) > 3 else 300
    rng = random.Random(int(sys.argv[4]) if len(sys.argv) > 4 else 1)
    kinds = ("handler", "query", "render", "encode")
    names = ["%s_%d" % (kinds[i % len(kinds)], i // len(kinds)) for i in range(functions - 2)]
    releases = [Release("r1", names + ["parse_old"], 0), Release("r2", names + ["parse_new"], 3)]
    os.makedirs(folder, exist_ok=True)
    for i in range(n):
        release, host = releases[i % 2], "h%02d" % (i // 2 % HOSTS)
        with open(os.path.join(folder, "%s-%s-%06d.pb" % (release.name, host, i)), "wb") as f:
            f.write(release.profile(host, i, rng))


main()
