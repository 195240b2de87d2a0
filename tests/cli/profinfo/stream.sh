cd "$SAMPLES" && profconv old.prof new.folded | profinfo
