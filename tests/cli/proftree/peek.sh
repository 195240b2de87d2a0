proftree --peek '^(price|roll_up) ' "$SAMPLES/new.folded"
proftree --peek '^price ' --json "$SAMPLES/new.folded"
proftree --peek nobody "$SAMPLES/new.folded"
