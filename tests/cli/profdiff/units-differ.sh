cd "$SAMPLES" && profdiff old.prof old.folded
