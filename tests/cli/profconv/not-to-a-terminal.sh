script -qec "profconv '$SAMPLES/old.prof'" /dev/null | tr -d '\r'
script -qec "profconv -t folded '$SAMPLES/old.folded'" /dev/null | tr -d '\r' | head -n 1
