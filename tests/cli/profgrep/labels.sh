# filters by labels, and frames made of them
in=$TESTS/formats/pprof/labels/input.pb.gz
show() { profgrep "$@" <"$in" | profmerge --by-label thread | profinfo --json | grep -o '"total":[0-9]*\|"labels":[^]]*]'; }
show --tagfocus one
show --tagfocus thread=two
show --tagignore thread=one
show --tagfocus 4kb:
show --taghide thread
profgrep -q --tagroot thread --tagleaf size,bytes "$in" | pb2folded
