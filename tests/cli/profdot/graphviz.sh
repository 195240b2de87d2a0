# Graphviz takes every output, whatever the names
profdot "$SAMPLES/new.folded" | dot -Tsvg -o a.svg && echo drawn
profdot --by module "$SAMPLES/old.folded" | dot -Tsvg -o b.svg && echo drawn
cat >n.folded <<'X'
a"];x[label="y;\\N\\l{|}<b>;\x1b[31m;# // /* ;%s%n;日本 3
X
profdot --title 'a "title" \l' n.folded | dot -Tsvg -o n.svg && echo drawn
profdot n.folded
profdiff --pb "$SAMPLES/old.folded" "$SAMPLES/new.folded" | profdot | dot -Tsvg -o d.svg && echo drawn
