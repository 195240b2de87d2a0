proftop -n 6 "$SAMPLES/new.folded"
