profconv --to nope "$SAMPLES/old.prof"
