# several runs a side: means are drawn, and only what is more than noise has a colour; new stays marked; the runs of a
# signed profile are told apart, too; with few runs nothing is sure, and that is said
. "$TESTS/cli/runs.sh"
runs old 8 100
runs new 8 130
for i in 1 2 3 4 5 6 7 8; do
    printf 'main (app.py:1);even (app.py:40);fresh (app.py:50) 900\n' >>"new0$i.folded"
done
bases=$(printf -- '-b %s ' old*.folded)
profflame $bases new*.folded >given.svg
profdiff --pb $bases new*.folded | profflame >signed.svg
cmp given.svg signed.svg && echo same
boxes() { grep -A1 '<title>' "$1" | sed -n 's/.*class="f \([^"]*\)".*<title>/\1: /p; s/<.title>.*//p'; }
boxes given.svg
grep -o '<desc[^>]*>[^<]*' given.svg
grep -o 'no significant change<' given.svg
echo "means of unequal numbers of runs"
profflame $(printf -- '-b %s ' old0[123].folded) new0[12].folded >few.svg
boxes few.svg
profdiff -q --pb $(printf -- '-b %s ' old0[123].folded) new0[12].folded | profflame | cmp - few.svg && echo same
grep -o '<desc[^>]*>[^<]*' few.svg
echo "one run of the base"
profflame -b old01.folded new0[12].folded | grep -o '<desc[^>]*>[^<]*'
