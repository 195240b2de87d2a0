pb2speedscope no-such-file
