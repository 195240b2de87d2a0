# What lies within the limit is recovered, what lies behind it is told as lost: in a tar and a zip.
cp "$SAMPLES"/old.prof "$SAMPLES"/new.prof .
profarchive add a.tar.zst old.prof new.prof --label branch=main
profarchive add --format zip -o a.zip - a.tar.zst
for a in a.tar.zst a.zip; do
    echo "--- $a"
    profarchive recover "$a" --max-unpacked 30KiB -o b.tar.zst; echo $?
    profarchive list b.tar.zst
    profarchive check b.tar.zst && echo sound
    profarchive recover "$a" --max-unpacked 1MiB -o c.tar.zst && cmp a.tar.zst c.tar.zst && echo same
done
