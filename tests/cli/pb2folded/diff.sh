# two weights a line, as difffolded.pl writes them; without --diff what changed, in one
profdiff --pb -b "$SAMPLES/old.folded" "$SAMPLES/new.folded" >signed.pb.zst
pb2folded --diff signed.pb.zst | head -n 4
echo --- net
pb2folded signed.pb.zst | head -n 4
echo --- other formats know no sides
pb2pstat --diff signed.pb.zst
profconv -t pstat --diff signed.pb.zst
