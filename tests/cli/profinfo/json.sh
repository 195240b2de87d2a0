cd "$SAMPLES" && profinfo --json new.prof
