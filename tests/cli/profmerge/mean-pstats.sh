# a mean has no table, so that it gets whole stacks of it: what functions take with all they call is the runs' mean
profmerge --runs mean "$SAMPLES/run1.prof" "$SAMPLES/run2.prof" "$SAMPLES/run3.prof" >mean.pb.zst
proftop --sort cum -n 6 mean.pb.zst
profmerge "$SAMPLES/run1.prof" "$SAMPLES/run2.prof" "$SAMPLES/run3.prof" | proftop --sort cum -n 6
