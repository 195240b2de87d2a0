cp "$SAMPLES/old.prof" "$SAMPLES/new.folded" .
profarchive list old.prof; echo $?
profarchive check new.folded; echo $?
profarchive cat /dev/null; echo $?
profarchive add old.prof new.folded; echo $?
