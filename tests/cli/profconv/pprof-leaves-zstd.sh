# the common format is plain pprof inside zstd; the pprof export is gzip
profconv "$SAMPLES/new.folded" | head -c4 | od -An -tx1
pb2pprof "$SAMPLES/new.folded" | head -c2 | od -An -tx1
