# counts are exact: one run a side is enough for a verdict on calls
cd "$SAMPLES" && profdiff -n 3 old.prof new.prof --fail-if 'calls > +0 and share > 1%' --fail-if 'total.calls < 0'
