# each violation on a line, and status 1
profarchive add a.tar.zst "$SAMPLES/old.prof" -l a=b
zstd -dcq a.tar.zst >plain.tar
sed 's/"size":20466/"size":20467/; s/"total":418391/"total":418392/' plain.tar | zstd -q >lies.tar.zst
profarchive check lies.tar.zst; echo $?
LC_ALL=C sed 's/roll_up/roll_on/' plain.tar | zstd -q >other.tar.zst
profarchive check other.tar.zst; echo $?
profarchive cat other.tar.zst | wc -c
