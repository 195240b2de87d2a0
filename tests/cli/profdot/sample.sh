profdot --nodecount 6 "$SAMPLES/new.folded"
