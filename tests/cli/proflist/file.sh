mkdir shop && cp "$SAMPLES"/new.folded "$SAMPLES"/new.prof shop && cp -r "$SAMPLES/new" shop/new
find shop -exec touch -d 2020-01-01 {} + # whatever the checkout wrote first
proflist --source-root shop/new --unit raw shop.py shop/new.folded | sed "s|shop/new.folded|samples/new.folded|;40q"
echo "--- without a source"
proflist find "$SAMPLES/new.folded" 2>&1 | sed "s|$SAMPLES|samples|"
echo "--- by module and name"
proflist shop.find "$SAMPLES/new.folded" 2>&1 | tail -n 3
