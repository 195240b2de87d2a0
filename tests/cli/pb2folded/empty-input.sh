pb2folded </dev/null
