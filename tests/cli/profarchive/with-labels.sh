# labels of profiles as labels of their samples; the table of pstats files stays whole
labels() { profinfo --json "$@" | grep -o '"labels":[^]]*]'; }
profarchive add a.tar.zst "$SAMPLES/old.prof" -l release=r1 -l host=h1
profarchive add a.tar.zst "$SAMPLES/new.prof" -l release=r2 -l host=h1
profarchive cat --with-labels a.tar.zst >runs.pb.zst
labels runs.pb.zst
proftop --csv "$SAMPLES/old.prof" "$SAMPLES/new.prof" >both.csv
profmerge runs.pb.zst | proftop --csv | cmp - both.csv && echo same
profmerge --by-label release runs.pb.zst | labels
pb2rows --csv runs.pb.zst | cut -d, -f 2-4,6 | sort | uniq -c

# what samples know better, they keep
printf 'a;b 3\n' >x.folded
profarchive add b.tar.zst x.folded -l thread=7 -l release=r3
profarchive cat --with-labels b.tar.zst | pb2folded --labels | tee x2.folded
profarchive add c.tar.zst x2.folded -l release=other -l more=yes
profarchive get --with-labels c.tar.zst "$(profarchive list c.tar.zst | cut -c 1-16)" | pb2folded --labels
profarchive list --with-labels c.tar.zst; echo $?
