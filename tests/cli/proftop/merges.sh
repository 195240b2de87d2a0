# a stream is merged, and the header tells how many runs
cd "$SAMPLES" && profconv run1.prof run2.prof run3.prof | proftop -n 2
