# calls stand below their callers
cd "$TESTS/formats/mprof/v0.43-func" && profplot --to text input.dat && profplot --csv input.dat | tail -n 5
