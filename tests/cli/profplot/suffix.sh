# a format that there is not is refused before anything is written
profplot -o x.png "$TESTS/formats/mprof/two-runs/input.dat"
echo "$?"
ls
