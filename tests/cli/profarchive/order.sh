# one result, whatever the order and the number of steps, and whatever the time zone and the locale
cd "$SAMPLES" || exit
profarchive add "$OLDPWD/a.tar.zst" run1.prof run2.prof run3.prof
for f in run3.prof run1.prof run2.prof run1.prof; do
    TZ=Asia/Kolkata LC_ALL=C profarchive add "$OLDPWD/b.tar.zst" $f
done
cd "$OLDPWD" && cmp a.tar.zst b.tar.zst && echo same
for as in zip oci; do
    profarchive add --format $as -o a.$as - a.tar.zst
    TZ=Asia/Kolkata profarchive add --format $as -o b.$as - b.tar.zst
    cmp a.$as b.$as && echo same
    profarchive add b.$as "$SAMPLES/run2.prof" && cmp a.$as b.$as && echo same
done
