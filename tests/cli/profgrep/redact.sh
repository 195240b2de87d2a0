# hashes, the same for the same key and wherever a library lies; nothing else of the source is left
cat >a.folded <<'X'
main (/srv/app/run.py:3);encode (/usr/lib/python3.11/json/encoder.py:200) 1
X
cat >b.folded <<'X'
main (/srv/app/run.py:3);encode (/opt/py/lib/python3.11/json/encoder.py:200) 1
X
profgrep -q --redact a.folded b.folded | pb2folded
profgrep -q --redact --salt other a.folded | pb2folded
for in in "$TESTS/formats/pb/unknown-fields/input.pb" "$TESTS/formats/pprof/labels/input.pb.gz"; do
    profgrep -q --redact "$in" -o out.pb.zst
    zstd -dc out.pb.zst | grep -c 'future\|comment\|main\|app' || true
    profinfo --json out.pb.zst | grep -o '"comments":[^]]*]\|"labels":[^]]*]\|"total":[0-9]*'
done
