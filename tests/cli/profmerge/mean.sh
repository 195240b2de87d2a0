profmerge --runs mean "$TESTS/formats/folded/plain/input.folded" "$TESTS/formats/folded/plain/input.folded" | pb2folded
