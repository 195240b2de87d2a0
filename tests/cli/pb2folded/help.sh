pb2folded --help
