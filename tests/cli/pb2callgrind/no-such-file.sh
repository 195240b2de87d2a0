pb2callgrind no-such-file
