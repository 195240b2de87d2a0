cd "$SAMPLES" && profinfo --check old.prof new.prof old.folded && echo sound
