proftop -n 6 --sort cum "$SAMPLES/new.folded"
