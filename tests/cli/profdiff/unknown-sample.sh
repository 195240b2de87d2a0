cd "$SAMPLES" && profdiff -s nope old.prof new.prof
