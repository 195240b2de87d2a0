# a gate names the rows that it fails for, in every layout
. "$TESTS/cli/runs.sh"
runs old 10 100
runs new 10 120
gate='samples > +10% and q < 0.05 and share > 1%'
set -- ; for f in old*.folded; do set -- "$@" -b "$f"; done
for layout in text markdown csv junit; do
    profdiff --format $layout "$@" new*.folded --fail-if "$gate" --fail-if 'total.samples > +50%'
    echo "exit status $?"
done
profdiff --json "$@" new*.folded --fail-if "$gate" --fail-if 'total.samples > +50%' | sed -n '/gates/,$p'
profdiff -q "$@" new*.folded --fail-if 'samples < -1% and q < 0.05' >/dev/null
echo "exit status $?"
