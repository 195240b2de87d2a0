# an archive among the files brings its labels along
profarchive add a.tar.zst "$SAMPLES/old.prof" -l side=a
profarchive add b.zip --format zip "$SAMPLES/new.prof" -l side=b
profarchive add c.tar.zst "$SAMPLES/run1.prof" -l side=c
profarchive add all.tar.zst a.tar.zst c.tar.zst
profarchive list all.tar.zst
profarchive add all.tar.zst a.tar.zst -l more=labels
