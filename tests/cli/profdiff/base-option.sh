cd "$SAMPLES" && profconv new.prof | profdiff -n 8 -b old.prof
