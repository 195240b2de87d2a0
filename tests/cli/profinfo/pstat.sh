cd "$SAMPLES" && profinfo new.prof
