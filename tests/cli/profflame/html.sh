# by the suffix, or when asked for; what the script reads is what flame_data.h says
f=$TESTS/formats/folded/plain/input.folded
profflame -o a.html "$f"
profflame --to html "$f" | cmp - a.html && echo same
sed -n 's/.*id="meta">\([^<]*\)<.*/\1/p' a.html
sed -n 's/.*id="data">\([^<]*\)<.*/\1/p' a.html | base64 -d | gzip -dc | od -An -tx1 -c | sed 's/ *$//'
