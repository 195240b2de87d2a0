# a new archive is what its name says; one that is there stays what it is
cp "$SAMPLES/old.prof" "$SAMPLES/new.prof" .
kind() { for f; do echo "$f: $(head -c 4 "$f" | od -An -tx1) $(profarchive list "$f" | wc -l)"; done; }
for name in a.zip a.oci.tar a.tar.zst a; do profarchive add $name old.prof; done
profarchive add b.zip old.prof --format tar
profarchive add b.zip new.prof
profarchive rm a.zip x=y -o c.tar.zst
profarchive rm a.zip x=y -o c
profarchive recover b.zip -o c.oci.tar
kind a.zip a.oci.tar a.tar.zst a b.zip c.tar.zst c c.oci.tar
