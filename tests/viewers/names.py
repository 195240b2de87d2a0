"""names.py - names that try every syntax we write, and profiles made of them."""
import json
import marshal
import sys

HOSTILE = [
    "<script>N1()</script>", '"><svg onload=N2()>', "]]><b>N3", "--><b>N4", "&lt;N5&amp;", "\\u003cN6", "');N7();('", "`${N8()}`",
    "N9\x1b[31mred\x1b[0m", "N10\x9b31m", "N11\nfn=(999) evil\n1 1", "N12\rcarriage", "N13\ttab\x7f\x08", "N14\0tail",
    "N15\u202eexe.gpj\u2066x\u2069", "N16\u200b\ufeff", "N17\u2028x\u2029", "N18;evil;frame 42", "N19 100", "=cmd|'/C calc'!N20",
    "+1+1N21", "@SUM(1)N22", 'N23","x', 'N24"];evil[label="x', "N25\\l\\N{|}", "$(touch N26)", "%s%n%100000$xN27",
    "N28\udcff\udcfe", "N29\ud800", "N30" + "A" * 20000, "", "   ", "../../../etc/passwd", "(7)", "(7) N35", "# N36 1",
    "N37\x01\x02\x1f", "N38\ufffe\uffff", "N39\U0001f600\u65e5e\u0301", "{N40=label}", 'N41\\","evil":"', "N42#2", "N42", "<lambda>",
    "<module>", "calls=1 1", "fl=(1) N47", "totals: 99", "-5", "+3", "* N51", "N52 (f.py:3)",
]


def pstats(path):
    """A root that calls each name once: 7 calls and a second each."""
    root = ("root.py", 1, "root")
    table = {root: (1, 1, 0.5, 0.5 + len(HOSTILE), {})}
    for line, name in enumerate(HOSTILE):
        table[(name, line, name)] = (7, 7, 1.0, 1.0, {root: (7, 7, 1.0, 1.0)})
    with open(path, "wb") as f:
        marshal.dump(table, f)
    return path


def encoded(name):
    """Lone surrogates of surrogateescape become their byte, others three bytes."""
    return b"".join(bytes([ord(c) - 0xdc00]) if 0xdc80 <= ord(c) <= 0xdcff else c.encode("utf-8", "surrogatepass") for c in name)


def folded(path):
    """A root that calls each name; those that folded stacks cannot hold are left out."""
    with open(path, "wb") as f:
        for name in HOSTILE:
            if not set(name) & set(";\n\r") and name.strip():
                f.write(b"root;" + encoded(name) + b";leaf 7\n")


def mprof(path):
    """Calls of each name that is one line, one after the other, in a run whose command line is hostile, too."""
    with open(path, "wb") as f:
        f.write(b"CMDLINE python " + encoded(HOSTILE[0] + HOSTILE[8]) + b"\n")
        for i, name in enumerate(n for n in HOSTILE if not set(n) & set(" \n\r") and n):
            f.write(b"FUNC %s 1.0 %d.0 2.0 %d.9\n" % (encoded(name), 1000 + i, 1000 + i))
        f.writelines(b"MEM %d.5 %d.0\n" % (10 + i % 7, 1000 + i) for i in range(60))


if __name__ == "__main__":
    if sys.argv[1] == "--json":
        print(json.dumps([n for n in HOSTILE if not any("\ud800" <= c <= "\udfff" for c in n)]))
    else:
        for write, path in zip((pstats, folded, mprof), sys.argv[1:]):
            write(path)
