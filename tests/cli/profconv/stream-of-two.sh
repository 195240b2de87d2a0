# two inputs are two profiles, and so are two outputs of ours behind each other
profconv "$SAMPLES/old.prof" "$SAMPLES/new.prof" >one
profconv "$SAMPLES/old.prof" >two
profconv "$SAMPLES/new.prof" >>two
cmp one two && profinfo --json two | grep -c '"format":"pstat"'
