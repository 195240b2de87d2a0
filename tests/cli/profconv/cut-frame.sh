# of a stream the whole profiles come through, then it is told
profconv "$SAMPLES/old.folded" "$SAMPLES/new.folded" >two.pb.zst
head -c -10 two.pb.zst >cut.pb.zst
profconv cut.pb.zst >out
echo "status $?"
profconv "$SAMPLES/old.folded" | cmp - out && echo "the first one is whole"
