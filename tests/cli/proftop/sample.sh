proftop -n 4 -s calls "$SAMPLES/new.prof"
