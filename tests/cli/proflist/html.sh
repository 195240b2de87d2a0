printf 'work <b> (a<i>.py:1) 3\nother (b.py:2) 1\n' >a.folded
proflist -o a.html 'work <b>' a.folded
proflist --to html 'work <b>' a.folded | cmp - a.html && echo same
sed -n '/<main>/,$p' a.html
