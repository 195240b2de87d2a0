# as artifact stores wrap what is uploaded
profarchive add perf.tar.zst "$SAMPLES/old.prof" "$SAMPLES/run1.prof" -l branch=main
profarchive add other.tar.zst "$SAMPLES/new.prof" -l branch=dev
zip -q artifact.zip perf.tar.zst other.tar.zst
profarchive list artifact.zip
profarchive cat artifact.zip branch=dev | cksum
pstat2pb "$SAMPLES/new.prof" | cksum
