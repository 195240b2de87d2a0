proftop --csv "$TESTS/formats/pstat/recursion/input.prof"
