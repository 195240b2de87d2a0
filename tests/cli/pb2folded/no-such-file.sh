pb2folded none.prof none.prof
