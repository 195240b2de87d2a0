# the table is kept as it was, doubles and all: the first sum of merged files equals Python's
pstat2pb "$SAMPLES/run1.prof" "$SAMPLES/run2.prof" | profmerge | profinfo --json | grep -o '"name":"time"[^}]*'
