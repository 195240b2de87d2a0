profflame -s space "$SAMPLES/new.prof"
