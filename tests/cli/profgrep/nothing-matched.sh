# a warning, and with --strict status 1; the profile is written all the same
profgrep --focus nosuch <"$SAMPLES/new.folded" | profinfo --json | grep -o '"samples":[0-9]*'
profgrep --strict --ignore nosuch <"$SAMPLES/new.folded" | proftop --csv -n 1
profgrep --strict --focus nosuch -o out.pb.zst <"$SAMPLES/new.folded"
