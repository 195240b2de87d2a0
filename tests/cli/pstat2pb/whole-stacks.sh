# whole stacks are made on request, with a certificate, and keep the table: what comes out is what went in
pstat2pb --stacks whole "$SAMPLES/new.prof" -o whole.pb.zst
profinfo whole.pb.zst
profinfo --check whole.pb.zst
proftop -n 3 whole.pb.zst
pb2pstat whole.pb.zst -o whole.prof
pb2pstat "$SAMPLES/new.prof" -o edges.prof
cmp whole.prof edges.prof && echo "the table is the same"
