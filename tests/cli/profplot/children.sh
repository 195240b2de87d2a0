# a line for each process
cd "$TESTS/formats/mprof/v0.60-children" && profplot --to text --width 40 input.dat && profplot --csv input.dat
