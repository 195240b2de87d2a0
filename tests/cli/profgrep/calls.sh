# calls are the leaf's: where that is taken out, its time is its caller's, but nobody called the caller more often
for option in "--hide genexpr" "--only project" "--depth 5" "--min 5%" "--prune-from make_orders" --collapse-recursion; do
    echo "$option"
    profgrep $option <"$SAMPLES/new.prof" | proftop --csv --columns flat,calls,primitive_calls,name | grep -E 'make_orders|genexpr|roll_up|_parse$'
done
# so a gate on calls looks at what is left, and fails for nothing else: one side never called the <genexpr>
profgrep -q --focus make_orders "$SAMPLES/new.prof" -o more.pb.zst
profgrep -q --ignore genexpr more.pb.zst -o fewer.pb.zst
for side in fewer more; do profgrep -q --hide genexpr $side.pb.zst -o $side.pb.zst; done
profdiff --csv --fail-if 'calls > +0' fewer.pb.zst more.pb.zst | cut -d, -f1-11
