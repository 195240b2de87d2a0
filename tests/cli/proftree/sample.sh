proftree --min 2% "$SAMPLES/new.folded"
