pb2callgrind --help
