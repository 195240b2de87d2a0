# the name of the output tells the format; elsewhere than on a terminal it is SVG
in=$TESTS/formats/mprof/v0.60-children/input.dat
profplot -o a.svg "$in" && head -c 5 a.svg && echo
profplot -o a.csv "$in" && head -n 1 a.csv
profplot -o a.txt "$in" && head -n 1 a.txt
profplot "$in" | cmp - a.svg && echo same
