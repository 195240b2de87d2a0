# peaks have no signed difference, as the largest of each side counts: they are left out, or it is told that nothing is left
profdiff --pb "$SAMPLES/shop.memory.txt" "$SAMPLES/shop.memory.txt" | profinfo --json | grep -o '"name":"[a-z]*","unit":"[a-z]*","kind":"[a-z]*"'
profdiff --pb -s usage "$SAMPLES/shop.memory.txt" "$SAMPLES/shop.memory.txt"
profflame -s usage -b "$SAMPLES/shop.memory.txt" "$SAMPLES/shop.memory.txt"
printf 'main 100\nmain;f 200\n' | python3 "$TESTS/cli/pb.py" peaks.pb kind=2
profflame -b peaks.pb peaks.pb
# and none is below 0
printf 'main 100\nmain;f -20\n' | python3 "$TESTS/cli/pb.py" below.pb kind=2
profdiff below.pb peaks.pb
profmerge below.pb peaks.pb
