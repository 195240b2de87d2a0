proflist nobody "$SAMPLES/new.folded"
