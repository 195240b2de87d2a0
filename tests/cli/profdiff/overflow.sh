# differences beyond 64 bits are an error that names the row
printf 'main;a 9000000000000000000\n' | python3 "$TESTS/cli/pb.py" high.pb
printf 'main;a 18446744073709551000\n' | python3 "$TESTS/cli/pb.py" low.pb
printf 'main;a 9446744073709551000\n' | python3 "$TESTS/cli/pb.py" lowest.pb
profdiff --unit raw high.pb low.pb
profdiff high.pb lowest.pb
