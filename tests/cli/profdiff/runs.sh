# several runs a side: the header tells how many
cd "$SAMPLES" && profdiff -n 3 -b run1.prof -b run2.prof run3.prof
