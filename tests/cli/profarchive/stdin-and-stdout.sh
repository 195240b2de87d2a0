pstat2pb "$SAMPLES/old.prof" "$SAMPLES/new.prof" | profarchive add - -l a=b >a.tar.zst
profarchive list - <a.tar.zst
profarchive add b.tar.zst -l a=b "$SAMPLES/new.prof" "$SAMPLES/old.prof" && cmp a.tar.zst b.tar.zst && echo same
