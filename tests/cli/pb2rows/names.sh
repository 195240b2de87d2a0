cd "$TESTS/formats/pstat/odd-names" && pb2rows --csv input.prof | grep time
pb2rows input.prof | grep -a '"metric":"time"' | cut -d, -f8-9
