cd "$SAMPLES" && profinfo --max-memory 20k old.prof
