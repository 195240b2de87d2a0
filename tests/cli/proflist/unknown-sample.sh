proflist -s space f "$SAMPLES/new.prof"
