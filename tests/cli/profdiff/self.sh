cd "$SAMPLES" && profdiff old.prof old.prof
