profdiff --pb "$SAMPLES/old.folded" "$SAMPLES/new.folded" | proftree --min 10%
