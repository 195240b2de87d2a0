#!/bin/sh
# make.sh - makes the samples again, with Debian's python3 (times differ from run to run).
#
#   old.prof new.prof    cProfile of old/shop.py and new/shop.py: two versions of one program
#   run1.prof ... 3      the old version on three other order files: runs to be merged
#   old.folded new.folded  the same two versions, sampled by sampler.py
#   shop.*       the old version as other tools see it: yappi, tracemalloc, memory_profiler, mprof, line_profiler
#                (these need Debian's python3-yappi, -memory-profiler, -line-profiler), austin, timeit
#   service.log  what asyncio's debug mode logs of service.py
set -eu
cd "$(dirname "$0")"
export PYTHONHASHSEED=0 PYTHONDONTWRITEBYTECODE=1
python=/usr/bin/python3

profile() { # VERSION OUTPUT ARG...
    version=$1 output=$2
    shift 2
    (cd "$version" && $python -m cProfile -o "../$output" shop.py "$@" >/dev/null)
}

profile old old.prof
profile new new.prof
for seed in 2 3 4; do
    profile old "run$((seed - 1)).prof" 400 "$seed"
done
for version in old new; do
    (cd "$version" && $python ../sampler.py shop.py 300000 2>"../$version.folded" >/dev/null)
done

measure() { # COMMAND... in the folder of the old version
    (cd old && "$@")
}

script() { # NAME ARG... one of ours, whose folder nothing is to hold
    measure $python -c 'import sys; name = sys.argv.pop(1); exec(compile(open("../" + name).read(), name, "exec"))' "$@"
}

script measured.py yappi ../shop.pstats >/dev/null
script measured.py tracemalloc ../shop.snap
measure $python -m memory_profiler ../measured.py lines | sed '1,/^unknown products/d' >shop.memory.txt
measure $python -m mprof run --interval 0.02 --output ../shop.dat $python shop.py 60000 >/dev/null
measure $python -m kernprof --line-by-line --outfile ../shop.lprof ../measured.py lines >/dev/null
measure $python -m line_profiler ../shop.lprof >shop.lines.txt
measure $python -m timeit -v -r 3 -s 'import shop' 'shop.make_orders(100, 1)' >shop.timeit.txt
script service.py 2>service.log

# austin 1.0 knows no Python after 3.8, which PYTHON38 is to name; of its samples those of shop.py are kept.
if [ -n "${PYTHON38:-}" ]; then
    measure austin --interval 50000 "$PYTHON38" -S shop.py 60000 2>/dev/null |
        sed -n 's,([^()]*/lib/python3.8/,(/usr/lib/python3.8/,g; /shop\.py/p' >shop.folded
fi

# The pictures of the README, when the tools are there.
if command -v profflame >/dev/null; then
    mkdir -p pictures
    profflame --title 'shop.py, sampled' -o pictures/hot.svg new.folded
    profflame --title 'shop.py, old to new' -b old.folded -o pictures/change.svg new.folded
fi
