#!/bin/bash
# mpi.sh LIST OUT N [MPIRUN OPTION]... - merges the files named in LIST by N ranks of Open MPI, as tree.sh says.
#
#     mpi.sh files.txt all.pb.zst 64 --hostfile hosts
#
# The folder of OUT is one that all hosts see, as it holds the parts until they are merged.
set -eu
[ $# -ge 3 ] || { sed -n '2s/^# //p' "$0" >&2; exit 2; }
list=$(realpath "$1") out=$2 n=$3
shift 3
parts=$(realpath "$(dirname "$out")")/.parts.$$
exec "$(dirname "$(realpath "$0")")/tree.sh" "$list" "$out" "$parts" "$n" mpirun "$@"
