cd "$SAMPLES" && profdiff -s calls -n 8 old.prof new.prof
