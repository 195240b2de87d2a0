# rows of other kinds, and cumulative values
cd "$SAMPLES"
for by in file line module stack; do
    profdiff -n 2 --by $by old.folded new.folded
done
profdiff -n 3 --cum old.prof new.prof
