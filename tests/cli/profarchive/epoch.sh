export SOURCE_DATE_EPOCH=1700000000
profarchive add a.tar.zst "$SAMPLES/old.prof"
tar --zstd -tvf a.tar.zst
SOURCE_DATE_EPOCH=soon profarchive add a.tar.zst "$SAMPLES/new.prof"
