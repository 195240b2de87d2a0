mkdir shop && cp "$SAMPLES"/new.folded "$SAMPLES"/new.prof shop && cp -r "$SAMPLES/new" shop/new
find shop -exec touch -d 2020-01-01 {} + # whatever the checkout wrote first
# a function of two inputs: lines from the one, calls from the other
cd shop/new && proflist --source-root . report ../new.folded ../new.prof
