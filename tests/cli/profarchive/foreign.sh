# what others made: listed and read, whatever is packed in it
cp "$SAMPLES"/old.prof "$SAMPLES"/run1.prof "$SAMPLES"/new.folded "$SAMPLES"/sampler.py .
mkdir sub && cp "$SAMPLES"/old/shop.py sub
tar -cf a.tar old.prof new.folded sampler.py
tar -czf b.tar.gz run1.prof
tar --zstd -cf c.tar.zst run1.prof ./new.folded
zip -qr d.zip old.prof new.folded sub
for f in a.tar b.tar.gz c.tar.zst d.zip; do
    echo "--- $f"
    profarchive list $f 2>&1
done
profarchive cat d.zip name=new.folded | proftop -n 2
cat b.tar.gz | profarchive cat - | proftop -n 1
echo "--- not ours"
profarchive add d.zip old.prof; echo $?
