# the checksum of a frame sees a flipped byte
profconv "$SAMPLES/old.folded" >one.pb.zst
size=$(wc -c <one.pb.zst)
{ head -c $((size - 6)) one.pb.zst; printf '\377'; tail -c 5 one.pb.zst; } >bad.pb.zst
profinfo bad.pb.zst
