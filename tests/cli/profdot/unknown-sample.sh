profdot -s space "$SAMPLES/new.prof"
