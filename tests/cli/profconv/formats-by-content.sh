# gzip, zstd and plain are opened unasked, whatever the name says
for pack in "cat" "gzip -c" "zstd -qc" "zstd -qc --no-check"; do
    $pack "$SAMPLES/new.prof" | profconv | profinfo --json | cksum
done | uniq | wc -l
