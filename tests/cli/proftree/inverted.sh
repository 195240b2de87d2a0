proftree --invert --depth 2 --min 10% "$SAMPLES/new.folded"
