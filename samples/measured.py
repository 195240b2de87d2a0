"""measured.py TOOL [OUTPUT] - runs shop.py, in the folder it lies in, under a tool that it has to ask for.

lines       a tool that puts `profile` among the builtins measures its main functions (kernprof, memory_profiler)
tracemalloc OUTPUT gets a snapshot of what shop.py has allocated
yappi       OUTPUT gets what yappi saw, as pstats
"""
import sys

tool, output = sys.argv[1], sys.argv[-1]
ORDERS = 100
shop = {"__name__": "shop", "__file__": "shop.py"}
with open("shop.py") as source:
    code = compile(source.read(), "shop.py", "exec")
if tool == "tracemalloc":
    import tracemalloc
    tracemalloc.start(4)
exec(code, shop)
if tool == "lines":
    for name in ("load_prices", "parse_orders", "report"):
        shop[name] = profile(shop[name])
    shop["main"](ORDERS)
elif tool == "tracemalloc":
    prices = shop["load_prices"](shop["make_catalogue"]())
    orders = shop["parse_orders"](shop["make_orders"](ORDERS, 1))
    snapshot = tracemalloc.take_snapshot()
    snapshot.filter_traces([tracemalloc.Filter(True, "shop.py", all_frames=True)]).dump(output)
elif tool == "yappi":
    import yappi
    yappi.start()
    shop["main"](ORDERS)
    yappi.stop()
    yappi.get_func_stats().save(output, type="pstat")
