proftop --json "$TESTS/formats/pstat/recursion/input.prof"
