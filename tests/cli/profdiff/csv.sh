cd "$SAMPLES" && profdiff --csv old.prof new.prof | head -n 6
