profconv --csv -t folded "$SAMPLES/new.folded"
