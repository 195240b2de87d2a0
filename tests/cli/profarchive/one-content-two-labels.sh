# stored once, listed twice
profarchive add a.tar.zst "$SAMPLES/old.prof" -l run=1
profarchive add a.tar.zst "$SAMPLES/old.prof" -l run=2
profarchive list a.tar.zst
tar --zstd -tf a.tar.zst | wc -l
profarchive cat a.tar.zst | profmerge | proftop -n 1
profarchive check a.tar.zst
