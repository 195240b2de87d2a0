pb2speedscope --help
