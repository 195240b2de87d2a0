# values that only some of the profiles have are told, once, by whatever puts profiles together
profmerge "$SAMPLES/new.prof" "$SAMPLES/new.folded" -o both.pb.zst
proftop --csv -n 1 "$SAMPLES/new.prof" "$SAMPLES/new.folded"
profmerge --by-label thread "$SAMPLES/new.prof" "$SAMPLES/new.folded" | proftop --csv -n 1
profconv -t folded -o both.folded --stacks edges "$SAMPLES/old.folded" "$SAMPLES/new.folded" both.pb.zst
# in one line for any number of profiles and of types
for i in $(seq 1000); do echo "f $i" >"$i.folded"; done
profmerge [0-9]*.folded both.pb.zst -o all.pb.zst
for type in a b c d e f g h i j k l; do echo "f 1" | profconv | zstd -dc | sed "s/samples/sample$type/" >$type.pb; done
profmerge ?.pb -o types.pb.zst
# so do comparisons
profmerge -q a.pb b.pb -o ab.pb
profdiff --csv -b a.pb ab.pb ab.pb | cut -d, -f1-7
profflame -b ab.pb -o change.svg a.pb
# the same in all of them: nothing to tell
profmerge "$SAMPLES/new.prof" "$SAMPLES/old.prof" -o same.pb.zst
