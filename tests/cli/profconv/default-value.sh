# what holds all values has the one of --sample as its default
for run in 'profconv -t pb' pstat2pb profmerge 'profmerge --by-label thread'; do
    $run -s primitive_calls "$SAMPLES/new.prof" | proftop --json -n 1 | grep -o '"type":"[a-z_]*"'
done
pb2pprof -q -s calls "$SAMPLES/new.prof" | proftop --json -n 1 | grep -o '"type":"[a-z_]*"'
# the table stays what it was
pstat2pb "$SAMPLES/new.prof" | pb2pstat >same.pstats
pstat2pb -s calls "$SAMPLES/new.prof" | pb2pstat | cmp - same.pstats && echo same
pstat2pb -s space "$SAMPLES/new.prof"
