proflist --source-root "$SAMPLES/new" --unit raw shop.py "$SAMPLES/new.folded" | sed "s|$SAMPLES|samples|;40q"
echo "--- without a source"
proflist find "$SAMPLES/new.folded" 2>&1 | sed "s|$SAMPLES|samples|"
echo "--- by module and name"
proflist shop.find "$SAMPLES/new.folded" 2>&1 | tail -n 3
