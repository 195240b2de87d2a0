cd "$SAMPLES" && profplot new.prof
