# a stream is filtered profile by profile
profconv "$SAMPLES/old.folded" "$SAMPLES/new.folded" | profgrep --focus find --depth 2 | profinfo --json | grep -o '"total":[0-9]*'
