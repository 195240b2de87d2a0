cp "$SAMPLES/old.folded" .
pstat2pb old.folded
