# what folded files cannot hold as it is comes back unchanged
pb2folded "$TESTS/formats/pstat/odd-names/input.prof" >odd.folded
pb2folded odd.folded | cmp - odd.folded && cat odd.folded
