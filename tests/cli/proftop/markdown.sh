proftop --format markdown "$TESTS/formats/pstat/recursion/input.prof"
