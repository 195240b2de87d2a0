proftree -s space "$SAMPLES/new.prof"
