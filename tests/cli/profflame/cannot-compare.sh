# what cannot be compared is refused, as profdiff does; and a difference that is none
cp "$SAMPLES/old.prof" "$SAMPLES/new.prof" "$SAMPLES/new.folded" .
profflame -b old.prof new.folded -o x.svg
echo "$?"
profdiff -b old.prof new.folded
echo "$?"
cat > ms.json <<'END'
{"$schema": "https://www.speedscope.app/file-format-schema.json", "shared": {"frames": [{"name": "a"}]}, "profiles": [
{"type": "sampled", "name": "x", "unit": "bytes", "startValue": 0, "endValue": 9, "samples": [[0]], "weights": [9]}]}
END
printf 'a 3\n' >a.folded
profflame -b a.folded ms.json -o x.svg
profflame --diff new.folded -o x.svg
echo "$?"
# several types: that of the first is drawn, whatever comes first in the others
profflame -b old.prof new.prof -s calls -o x.svg
grep -o '<desc[^>]*>[^<]*' x.svg
ls
