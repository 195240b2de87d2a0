# no control character of a name reaches a terminal, no cell becomes a formula or markup
f=$TESTS/formats/pstat/odd-names/input.prof
proftop "$f"
proftop --csv "$f"
proftop --format markdown "$f"
proftop --json "$f" | python3 -c 'import json, sys; print(len(json.load(sys.stdin)["rows"]))'
