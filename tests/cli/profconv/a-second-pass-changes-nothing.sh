for f in "$SAMPLES/new.prof" "$SAMPLES/new.folded" "$TESTS/formats/pprof/labels/input.pb.gz"; do
    profconv "$f" >once
    profconv <once >twice
    cmp once twice && echo same
done
