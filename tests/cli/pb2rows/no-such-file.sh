pb2rows no-such-file
