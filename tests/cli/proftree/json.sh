proftree --json --min 10% "$SAMPLES/new.folded"
