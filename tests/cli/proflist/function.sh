# a function of two inputs: lines from the one, calls from the other
cd "$SAMPLES/new" && proflist --source-root . report ../new.folded ../new.prof
