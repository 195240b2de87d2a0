cd "$SAMPLES" && profconv old.prof new.prof | profdiff -n 8
