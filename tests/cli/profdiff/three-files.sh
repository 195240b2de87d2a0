cd "$SAMPLES" && profdiff run1.prof run2.prof run3.prof
