profconv -o new.pb.zst "$SAMPLES/new.prof" && ls && profconv "$SAMPLES/new.prof" | cmp - new.pb.zst && stat -c %a new.pb.zst
