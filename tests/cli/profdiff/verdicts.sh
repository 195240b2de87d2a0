# ten runs a side: what changed is told from what varies, and from what is the same
. "$TESTS/cli/runs.sh"
runs old 10 100
runs new 10 120
set -- ; for f in old*.folded; do set -- "$@" -b "$f"; done
profdiff --all "$@" new*.folded
echo
profdiff --all --markdown "$@" new*.folded
echo
profdiff --all --json "$@" new*.folded | grep '^{"name":"s'
