# whole stacks where nothing is said, edges where they are asked for
pb2folded -q "$SAMPLES/old.prof" | sort | head -5
echo
pb2folded -q --stacks edges "$SAMPLES/old.prof" | sort | head -5
