# the boxes alone: name, place, width, depth
f=$TESTS/formats/folded/plain/input.folded
boxes() { grep -o 'class="f [^>]*><title>.*' | sed 's/<title>/ /; s/&lt;/</g; s/&gt;/>/g'; }
profflame "$f" | boxes
echo "--- inverted"
profflame --invert "$f" | boxes
echo "--- by file, with a title and a width"
profflame --by file --width 400 --title 'a <title> & more' "$SAMPLES/new.folded" >x.svg
boxes <x.svg
grep -c 'a &lt;title&gt; &amp; more' x.svg
grep -o '<svg [^>]*width="[0-9]*" height="[0-9]*"' x.svg
