# sorted by what files take with all they call: from whole stacks, not estimated; --stacks edges wants the estimate
proftop --by file --sort cum -n 4 "$SAMPLES/run1.prof"
proftop --by file --sort cum -n 4 --stacks edges "$SAMPLES/run1.prof"
