proftree --peek 'a(b' "$SAMPLES/new.folded"
