# two appended runs over each other, with their calls
cd "$TESTS/formats/mprof/two-runs" && profplot --to svg -q input.dat
