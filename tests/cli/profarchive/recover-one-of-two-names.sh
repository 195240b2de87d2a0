# A member that is not in canonical form becomes the same as another one: both lines are kept.
cp "$SAMPLES"/new.prof .
profarchive add a.tar.zst new.prof --label x=2
zstd -dcq a.tar.zst | tar x
id=$(sed 's/{"id":"//; s/".*//' manifest.jsonl)
cp "sha256-$id.pb" odd
printf '\300\076\001' >>odd # a field that nobody knows
odd=$(sha256sum odd | cut -c1-64)
mv odd "sha256-$odd.pb"
sed "s/$id/$odd/; s/\"x\":\"2\"/\"x\":\"1\"/" manifest.jsonl >line
sort -o manifest.jsonl manifest.jsonl line
for first in "$id" "$odd"; do
    for last in "$id" "$odd"; do
        [ "$first" != "$last" ] || continue
        tar cf b.tar manifest.jsonl "sha256-$first.pb" "sha256-$last.pb"
        profarchive recover b.tar -o "$first.tar.zst"; echo $?
        profarchive list "$first.tar.zst"
        profarchive check "$first.tar.zst" && echo sound
    done
done
