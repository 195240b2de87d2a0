cp "$SAMPLES"/*.prof "$SAMPLES"/new.folded .
a=a.tar.zst
i=1
for f in run1.prof run2.prof run3.prof old.prof; do
    profarchive add "$a" $f --label n=$i --time 2026-01-0$i
    i=$((i + 1))
done
profarchive add "$a" new.folded --label n=timeless
echo "--- dry run"
profarchive rm "$a" --keep 2 --dry-run
profarchive rm "$a" --keep 2 -v
profarchive list "$a"
echo "--- by age, and by label"
SOURCE_DATE_EPOCH=1767571200 profarchive rm "$a" --older-than 36h
profarchive list "$a"
profarchive rm "$a" n=timeless
profarchive rm "$a" n=4
profarchive list "$a"
profarchive check "$a" && echo sound
profarchive rm "$a"
