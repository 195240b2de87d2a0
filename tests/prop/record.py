#!/usr/bin/env python3
"""record.py NAME PSTATS FOLDED - a small program's true stacks, and what cProfile would have written of that very run.

sys.setprofile tells each call and return. The clock is made up (each event takes a time that looks random, but is
always the same), so that the figures of a run depend on the program only. Import it for record() and programs.
"""
import marshal
import sys
from collections import defaultdict


class Recorder:
    """The tree of calls: of each node its parent, function, own time and number of calls."""

    def __init__(self):
        self.parent, self.key, self.own, self.calls = [-1], [None], [0], [0]
        self.child, self.at, self.state = {}, 0, 1

    def tick(self):
        self.state = self.state * 6364136223846793005 + 1442695040888963407 & (1 << 64) - 1
        return 200 + (self.state >> 33) % (50 if self.state >> 60 else 40000)

    def event(self, frame, event, arg):
        self.own[self.at] += self.tick()
        if event == "call":
            code = frame.f_code
            self.enter((code.co_filename.rsplit("/", 1)[-1], code.co_firstlineno, code.co_name))
        elif event == "c_call":
            self.enter(("~", 0, "<built-in method %s.%s>" % (arg.__module__, arg.__name__)))
        elif self.at:
            self.at = self.parent[self.at]

    def enter(self, key):
        at = self.child.get((self.at, key))
        if at is None:
            at = self.child[self.at, key] = len(self.key)
            self.parent.append(self.at)
            self.key.append(key)
            self.own.append(0)
            self.calls.append(0)
        self.calls[at] += 1
        self.at = at

    def run(self, program):
        sys.setprofile(self.event)
        try:
            program()
        finally:
            sys.setprofile(None)

    def paths(self):
        """Of each node, the keys of its stack."""
        path = [()]
        for i in range(1, len(self.key)):
            path.append(path[self.parent[i]] + (self.key[i],))
        return path

    def stacks(self):
        return {p: self.own[i] for i, p in enumerate(self.paths()) if i and self.own[i]}

    def table(self):
        """As cProfile counts: inclusive times and primitive calls only where nothing of it is on the stack yet."""
        total = self.own[:]
        for i in range(len(self.key) - 1, 0, -1):
            total[self.parent[i]] += total[i]
        rows, edges = defaultdict(lambda: [0, 0, 0, 0]), defaultdict(lambda: [0, 0, 0, 0])
        for i, path in enumerate(self.paths()):
            if not i:
                continue
            f, above = path[-1], path[:-1]
            add(rows[f], self.calls[i], self.own[i], total[i], f not in above)
            if above:
                again = (above[-1], f) in zip(above, above[1:])
                add(edges[above[-1], f], self.calls[i], self.own[i], total[i], not again)
        stats = {f: (cc, nc, tt * 1e-9, ct * 1e-9, {}) for f, (cc, nc, tt, ct) in rows.items()}
        for (caller, f), (cc, nc, tt, ct) in edges.items():
            stats[f][4][caller] = (nc, cc, tt * 1e-9, ct * 1e-9)
        return stats


def add(to, calls, own, total, first):
    to[0] += calls * first
    to[1] += calls
    to[2] += own
    to[3] += total * first


def record(program):
    r = Recorder()
    r.run(program)
    return r


def spell(key):
    file, line, name = key
    return name if file == "~" else "%s (%s:%d)" % (name, file, line)


def folded(stacks):
    return "".join("%s %d\n" % (";".join(map(spell, s)), v) for s, v in stacks.items())


# ---- the programs ----


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def recursion():
    fib(13)


def a(n):
    return sorted(range(n))


def b(n):
    return max(range(n))


def dispatch(f, n):
    return f(n)


def callers():
    for i in range(20):
        dispatch(a, i + 1)


def others():
    for i in range(30):
        dispatch(b, i + 1)


def dispatcher():
    callers()
    others()


def even(n):
    return True if n == 0 else odd(n - 1)


def odd(n):
    return False if n == 0 else even(n - 1)


def mutual():
    for i in range(25):
        even(i)


def load(name, needs):
    return run_module(name, needs)


def run_module(name, needs):
    return MODULES[name](needs)


def module(*imports):
    def body(needs):
        len(imports)
        for name in imports:
            if name not in needs:
                needs.add(name)
                load(name, needs)
        return needs
    return body


def named(name, *imports):
    """Modules are told apart by their name, as those of real imports are."""
    body = module(*imports)
    body.__code__ = body.__code__.replace(co_name="<module %s>" % name)
    return body


MODULES = {n: named(n, *i) for n, *i in (
    ("app", "json", "re", "http"), ("json", "decoder", "encoder"), ("decoder", "re", "scanner"), ("encoder", "re"),
    ("scanner", "re"), ("re", "enum", "functools"), ("enum", "types"), ("types",), ("functools", "types", "abc"),
    ("abc",), ("http", "email", "socket", "json"), ("email", "re", "quopri"), ("quopri",), ("socket", "enum", "select"),
    ("select",))}


def imports():
    for _ in range(3):
        load("app", set())


def tree(depth):
    return [tree(depth - 1) for _ in range(3)] if depth else {"leaf": depth}


def walk(node):
    return walk_list(node) if isinstance(node, list) else walk_dict(node)


def walk_list(node):
    return sum(walk(x) for x in node)


def walk_dict(node):
    return len(node)


def visitor():
    walk(tree(4))


def ladder_step(n, left):
    if n:
        (left_rung if left else right_rung)(n - 1)


def left_rung(n):
    ladder_step(n, True)
    ladder_step(n, False)


def right_rung(n):
    ladder_step(n, False)
    ladder_step(n, True)


def ladder():
    ladder_step(8, True)


PROGRAMS = {f.__name__: f for f in (recursion, dispatcher, mutual, imports, visitor, ladder)}

if __name__ == "__main__":
    name, pstats, stacks = sys.argv[1:]
    recorded = record(PROGRAMS[name])
    with open(pstats, "wb") as out:
        marshal.dump(recorded.table(), out)
    with open(stacks, "w") as out:
        out.write(folded(recorded.stacks()))
