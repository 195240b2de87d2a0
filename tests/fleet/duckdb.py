#!/usr/bin/env python3
"""duckdb.py RECIPES - the table as a Parquet file in DuckDB: what is asked there is what profdiff says."""
import json
import os
import re

from fleet import RECIPES, SAMPLES, check, main, regressions, same_answer

DUCK = os.path.join(RECIPES, "duck.mjs")
NODE = os.environ.get("PF_NODE", "node")
REGRESSIONS = os.path.join(RECIPES, "sql", "duckdb", "regressions.sql")
COLUMNS = "profile service release host ts metric unit function file line self cum total".split()


def ask(fleet, query, *args):
    out = fleet.call(NODE, DUCK, "ask", query, *args).stdout
    return [json.loads(line) for line in out.splitlines()]


def keeps_all(fleet):
    """The table holds what pb2rows wrote, to the last digit of numbers that doubles do not hold."""
    fleet.write("large.folded", "a;b 9223372036854775000\na;c 7\n")
    fleet.shell("pb2rows --label release=r9 --label host='x\"y' large.folded > rows.jsonl")
    with open(fleet.path("rows.jsonl")) as f:
        rows = [json.loads(line) for line in f]
    check(list(rows[0]) == COLUMNS, "columns: %s" % list(rows[0]))
    fleet.shell("'%s' '%s' table all.parquet < rows.jsonl" % (NODE, DUCK))
    all_rows = fleet.write("all.sql", "SELECT * FROM samples ORDER BY self DESC, function")
    check(ask(fleet, all_rows, "all.parquet") == sorted(rows, key=lambda r: (-r["self"], r["function"])),
          "the table is not what pb2rows wrote")
    check(rows[0]["release"] == "r9" and rows[0]["host"] == 'x"y' and rows[0]["self"] == 9223372036854775000, rows[0])


def made_up(fleet):
    """Two hundred profiles, whose rows come in two files, as from two places."""
    fleet.make(200)
    for half in "r1", "r2":
        fleet.shell("pb2rows profiles/%s-*.pb | '%s' '%s' table %s.parquet" % (half, NODE, DUCK, half))
    for how in "none", "share":
        want = regressions(fleet, "profiles/r1-*", "profiles/r2-*", "-s", "cpu", "--normalize", how)
        answer = ask(fleet, REGRESSIONS, "r1.parquet", "r2.parquet", "service=web", "metric=cpu", "top=1000",
                     "normalize=" + how)
        same_answer(answer, want)
        check(answer[0]["function"] == "handler_2" and answer[0]["delta_pct"] > 40, "the worst is %s" % answer[0])
        check({r["status"] for r in answer} == {"both", "new"}, "no new function with %s" % how)
    # The other way round, and a few.
    want = regressions(fleet, "profiles/r2-*", "profiles/r1-*", "-s", "samples")
    same_answer(ask(fleet, REGRESSIONS, "r1.parquet", "r2.parquet", "service=web",
                    "metric=samples", "base=r2", "new=r1", "top=7"), want, 7)


def real(fleet):
    """cProfile's files, which have no labels: --label gives them some."""
    fleet.shell("(cd '%s' && pb2rows -q -l service=shop -l release=old old.prof run?.prof && "
                "pb2rows -q -l service=shop -l release=new new.prof) | '%s' '%s' table shop.parquet" % (SAMPLES, NODE, DUCK))
    for metric in "time", "calls":
        want = regressions(fleet, "'%s'/{old,run1,run2,run3}.prof" % SAMPLES, "'%s'/new.prof" % SAMPLES, "-s", metric)
        answer = ask(fleet, REGRESSIONS, "shop.parquet", "service=shop", "metric=" + metric,
                     "base=old", "new=new", "top=1000")
        same_answer(answer, want)
        check(any(re.fullmatch(r"shop\.find", r["function"]) for r in answer), "find is not among them")


def test(fleet):
    keeps_all(fleet)
    made_up(fleet)
    real(fleet)
    fleet.write("old.parquet", "as before")
    for rows in b"", b"no row\n", b'{"profile": 1}\n{"self": 1.5e40}\n':
        p = fleet.call(NODE, DUCK, "table", "old.parquet", input=rows, fails=True)
        check(p.stderr.startswith(b"duck.mjs: ") and not p.stdout, p.stderr)
        fleet.stays("old.parquet", "as before")
    p = fleet.call(NODE, DUCK, "ask", REGRESSIONS, "shop.parquet", "service=shop", "base=old", "new=new",
                   "normalize=rate", fails=True)
    check(p.stderr.startswith(b"duck.mjs: ") and b"normalize is none or share" in p.stderr, p.stderr)
    p = fleet.call(NODE, DUCK, "ask", REGRESSIONS, "none.parquet", fails=True)
    check(p.stderr.startswith(b"duck.mjs: ") and p.stderr.count(b"none.parquet") > 0, p.stderr)


main(test)
