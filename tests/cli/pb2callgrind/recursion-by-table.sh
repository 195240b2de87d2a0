# numbers of calls and inclusive times of edges as the profiler saw them
pb2callgrind "$TESTS/formats/pstat/recursion/input.prof"
