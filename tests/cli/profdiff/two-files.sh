cd "$SAMPLES" && profdiff -n 8 old.prof new.prof
