# what comes out is what the converter writes
profarchive add a.tar.zst "$SAMPLES/old.prof" "$SAMPLES/new.prof"
pstat2pb "$SAMPLES/old.prof" -o old.pb.zst
profarchive get a.tar.zst 74476f0a | cmp - old.pb.zst && echo same
profarchive get - sha256-74476f0ae1fd2d7e9b652737aa628e74d0f98701b500579f82ecc7484e6395d4.pb <a.tar.zst | cmp - old.pb.zst && echo same
profarchive get a.tar.zst 12; echo $?
profarchive get a.tar.zst nonsense; echo $?
