cp "$SAMPLES"/old.prof "$SAMPLES"/new.prof .
profarchive add a.tar.zst old.prof new.prof --label branch=main
profarchive recover a.tar.zst -o b.tar.zst -v && cmp a.tar.zst b.tar.zst && echo same
echo "--- without its index"
zstd -dcq a.tar.zst | zstd -q >packed-again.tar.zst
profarchive list packed-again.tar.zst
profarchive check packed-again.tar.zst; echo $?
profarchive recover packed-again.tar.zst -o c.tar.zst; cmp a.tar.zst c.tar.zst && echo same
echo "--- cut"
head -c 12000 a.tar.zst >cut.tar.zst
profarchive list cut.tar.zst; echo $?
profarchive check cut.tar.zst; echo $?
profarchive recover cut.tar.zst -o d.tar.zst; echo $?
profarchive list d.tar.zst
profarchive check d.tar.zst && echo sound
echo "--- nothing in it"
profarchive recover old.prof -o e.tar.zst; echo $?
ls e.tar.zst
