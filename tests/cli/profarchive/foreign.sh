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
echo "--- many that are no profiles: ten are named"
mkdir many && for n in 1 2 3 4 5 6 7 8 9 10 11 12 13; do cp sampler.py many/$n.py; done
tar -cf many.tar old.prof many/*.py
profarchive list many.tar 2>&1 | tail -n 3
