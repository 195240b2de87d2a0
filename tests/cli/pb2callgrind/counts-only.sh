# the profile module counts calls of edges, but does not time them
pb2callgrind "$TESTS/formats/pstat/profile-3.11/input.prof" | sed -n '/fib/,$p' | head -n 20
