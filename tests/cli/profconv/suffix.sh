# the format of the output by its name; what no writer is known by is refused
echo "main (a.py:1);work (a.py:2) 3" >run.folded
for name in x.folded x.speedscope.json x.pb.gz x.jsonl x.pb.zst x.pb x.callgrind x; do
    profconv -o "$name" run.folded 2>/dev/null
    echo "$name: $(od -An -tx1 -N4 "$name")"
done
profconv -o x.png run.folded
echo "$?"
profconv -t folded -o y.png run.folded && cat y.png
folded2pb -o z.png run.folded && od -An -tx1 -N4 z.png
