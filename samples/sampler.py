"""sampler.py SCRIPT [ARG...] - runs a script and prints its stacks as folded text, py-spy style.

A timer signal arrives every two milliseconds of CPU time; the handler notes the stack it interrupted.
"""
import collections
import runpy
import signal
import sys

STEP = 0.002
counts = collections.Counter()


def spell(frame):
    return f"{frame.f_code.co_name} ({frame.f_code.co_filename}:{frame.f_lineno or frame.f_code.co_firstlineno})"


def take(signum, frame):
    stack = []
    while frame and frame.f_code.co_filename != "<frozen runpy>":
        stack.append(spell(frame))
        frame = frame.f_back
    counts[";".join(reversed(stack))] += 1


sys.argv = sys.argv[1:]
signal.signal(signal.SIGPROF, take)
signal.setitimer(signal.ITIMER_PROF, STEP, STEP)
try:
    runpy.run_path(sys.argv[0], run_name="__main__")
finally:
    signal.setitimer(signal.ITIMER_PROF, 0)
for stack, n in sorted(counts.items()):
    if "shop.py" in stack:
        print(stack, n, file=sys.stderr)
