# three runs a side cannot decide anything, which is never "same"; all values equal is
. "$TESTS/cli/runs.sh"
runs old 3 100
runs new 3 300
profdiff --all -b old01.folded -b old02.folded -b old03.folded new*.folded --fail-if 'samples > +10% and q < 0.05'
echo "exit status $?"
profdiff --all -b old01.folded -b old02.folded -b old03.folded new*.folded --undecided fail --fail-if 'samples > +10% and q < 0.05' >/dev/null
echo "exit status $?"
