head -c 5000 "$SAMPLES/old.prof" >cut.prof
profconv cut.prof
