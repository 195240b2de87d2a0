# who names a limit gets no more, of an archive of ours, too
profarchive add a.tar.zst "$SAMPLES/old.prof" "$SAMPLES/new.prof"
id=$(profarchive list a.tar.zst | head -n 1 | cut -c 1-12)
profarchive cat a.tar.zst --max-unpacked 30k >some.pb.zst; echo $?
profarchive cat a.tar.zst --max-unpacked 60k | cmp - "$(profarchive cat a.tar.zst >all.pb.zst && echo all.pb.zst)" && echo all
profarchive get a.tar.zst "$id" --max-unpacked 1k -o one.pb.zst; echo $?
profarchive get a.tar.zst "$id" --max-unpacked 30k | cmp - "$(profarchive get a.tar.zst "$id" -o one.pb.zst && echo one.pb.zst)" && echo one
