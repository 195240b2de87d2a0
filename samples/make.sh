#!/bin/sh
# make.sh - makes the samples again, with Debian's python3 (times differ from run to run).
#
#   old.prof new.prof    cProfile of old/shop.py and new/shop.py: two versions of one program
#   run1.prof ... 3      the old version on three other order files: runs to be merged
#   old.folded new.folded  the same two versions, sampled by sampler.py
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

# The pictures of the README, when the tools are there.
if command -v profflame >/dev/null; then
    mkdir -p pictures
    profflame --title 'shop.py, sampled' -o pictures/hot.svg new.folded
    profflame --title 'shop.py, old to new' -b old.folded -o pictures/change.svg new.folded
fi
