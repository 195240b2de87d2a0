pb2folded --nope
