cd "$SAMPLES" && profdiff old.prof
