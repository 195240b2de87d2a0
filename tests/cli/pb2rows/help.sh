pb2rows --help
