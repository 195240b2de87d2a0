# samples have no time: they stand in its place, and are the calls, too
printf 'main (a.py:3);parse (a.py:12) 7\nmain (a.py:3);main (a.py:4);render (a.py:21) 5\nmain (a.py:3) 1\n' |
    pb2pstat -o spy.pstats
python3 -c 'import pstats; s = pstats.Stats("spy.pstats"); s.sort_stats("cumulative").print_stats(); s.print_callers()' | sed 1d
