# what comes out is what the converter writes
profarchive add a.tar.zst "$SAMPLES/old.prof" "$SAMPLES/new.prof"
pstat2pb "$SAMPLES/old.prof" -o old.pb.zst
profarchive get a.tar.zst 0af3588e | cmp - old.pb.zst && echo same
profarchive get - sha256-0af3588eb5021efbb5585ee9472f92099c8502697f6b1034f7ee557a89727219.pb <a.tar.zst | cmp - old.pb.zst && echo same
profarchive get a.tar.zst 12; echo $?
profarchive get a.tar.zst nonsense; echo $?
