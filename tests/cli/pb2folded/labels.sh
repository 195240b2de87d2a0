# labels as leading frames, which folded2pb reads as labels again
f=$TESTS/formats/pprof/labels/input.pb.gz
pb2folded --labels "$f" | tee labels.folded
folded2pb labels.folded | pb2folded --labels | cmp - labels.folded && echo same
folded2pb labels.folded | profmerge --by-label thread | profinfo | grep -c samples
