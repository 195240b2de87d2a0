pb2folded "$SAMPLES/new.folded" | sort >ours
sort "$SAMPLES/new.folded" | cmp - ours && echo same
