#!/bin/bash
# tree.sh LIST OUT PARTS N LAUNCHER... - merges the files named in LIST, a line each, by N processes in a tree.
#
# LAUNCHER -n P COMMAND is what starts P processes with a rank each and waits for all: mpirun or srun, with options.
# In the first round each process merges its share of LIST; in each round after that half as many merge two parts
# each, until one is left, which becomes OUT. PARTS, made and removed here, is a folder that all of them see, as are
# the files. OUT is replaced only when all went well, and is byte for byte what one profmerge of all files writes.
set -euo pipefail

# part ROUND RANK - the file that a process leaves
part() { echo "$parts/$1-$2.pb.zst"; }

# A process of the first round. More files than a command line holds are several streams, and a stream is merged, too.
share() { # RANK SIZE
    awk -v rank="$1" -v size="$2" 'NR % size == rank' "$list" | tr '\n' '\0' |
        xargs -0 profmerge -- | profmerge -o "$(part 0 "$1")"
}

# A process of a later round.
pair() { # ROUND RANK
    local left right
    left=$(part $(($1 - 1)) $((2 * $2)))
    right=$(part $(($1 - 1)) $((2 * $2 + 1)))
    if [ -e "$right" ]; then
        profmerge -o "$(part "$1" "$2")" "$left" "$right"
    else
        mv "$left" "$(part "$1" "$2")"
    fi
}

if [ "$1" = --process ]; then
    list=$2 parts=$3 round=$4
    rank=${OMPI_COMM_WORLD_RANK:-${PMI_RANK:-${SLURM_PROCID-}}}
    size=${OMPI_COMM_WORLD_SIZE:-${PMI_SIZE:-${SLURM_NTASKS-}}}
    [ -n "$rank" ] || { echo "tree.sh: the launcher gives no rank" >&2; exit 2; }
    if [ "$round" = 0 ]; then share "$rank" "$size"; else pair "$round" "$rank"; fi
    exit
fi

[ $# -ge 5 ] || { sed -n '2s/^# //p' "$0" >&2; exit 2; }
list=$1 out=$2 parts=$3 n=$4
shift 4
files=$(wc -l <"$list")
[ "$files" -gt 0 ] || { echo "tree.sh: $list names no files" >&2; exit 2; }
[ "$n" -le "$files" ] || n=$files
mkdir "$parts"
trap 'rm -rf "$parts"' EXIT

round=0
while :; do
    "$@" -n "$n" "${BASH_SOURCE[0]}" --process "$list" "$parts" "$round" </dev/null
    [ "$n" -gt 1 ] || break
    n=$(((n + 1) / 2)) round=$((round + 1))
done
profmerge -o "$out" "$(part "$round" 0)"
