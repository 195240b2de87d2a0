#!/bin/bash
# parallel.sh OUT --list LIST [PARALLEL OPTION]...   merges the files named in LIST, which all hosts see, 64 a job
# parallel.sh OUT --each COMMAND [PARALLEL OPTION]... merges what COMMAND prints on each host
#
#     parallel.sh all.pb.zst --list files.txt -S web1,web2,:
#     parallel.sh all.pb.zst --each 'profmerge /var/lib/profiles/*.prof' -S web1,web2
#
# GNU parallel starts the jobs, by ssh where -S names hosts. Profiles behind each other are a stream of profiles, so
# what the jobs print is merged as it comes. OUT is replaced only when all went well.
set -euo pipefail
[ $# -ge 3 ] || { sed -n '2,3s/^# //p' "$0" >&2; exit 2; }
out=$1 how=$2 what=$3
shift 3
part=$out.part.$$
trap 'rm -f "$part"' EXIT

case $how in
--list) parallel --will-cite --halt now,fail=1 "$@" -N 64 profmerge -- '{}' <"$what" ;;
--each) parallel --will-cite --halt now,fail=1 "$@" --nonall "$what" ;;
*) echo "parallel.sh: $how is neither --list nor --each" >&2; exit 2 ;;
esac | profmerge -o "$part"
mv "$part" "$out"
