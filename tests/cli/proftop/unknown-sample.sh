proftop -s space "$SAMPLES/new.prof"
