proftop -n 12 "$SAMPLES/new.prof"
