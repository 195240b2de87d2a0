# a noise floor of ten runs, and single runs held against it
. "$TESTS/cli/runs.sh"
runs old 10 100
runs new 1 120
profdiff --learn old*.folded -o noise.pb.zst
profinfo noise.pb.zst | sed -n '/format/p;/values/,/samples/p'
profdiff --all --noise noise.pb.zst old01.folded new01.folded --fail-if 'samples > +10% and q < 0.05'
echo "exit status $?"
profdiff --all --noise noise.pb.zst old01.folded old02.folded --fail-if 'samples > +10% and q < 0.05'
echo "exit status $?"
profdiff --noise noise.pb.zst --by file old01.folded old02.folded
profdiff --noise old01.folded old01.folded old02.folded
profdiff --learn old01.folded old02.folded
