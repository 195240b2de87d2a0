pb2folded --version
