# no name ends its line, begins a record, or is taken for a number
pb2callgrind "$TESTS/formats/pstat/odd-names/input.prof" | grep -a '^fn='
printf '(7);  ;fn=(1) x 3\n' | pb2callgrind
