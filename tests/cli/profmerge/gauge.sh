# live bytes of several processes: refused unless it is said what two of them are; peaks take the larger
echo 'main;a 5' | python3 "$TESTS/cli/pb.py" live.pb
echo 'main;a 5' | python3 "$TESTS/cli/pb.py" peak.pb kind=2
echo 'main;a 7' | python3 "$TESTS/cli/pb.py" higher.pb kind=2
profmerge live.pb live.pb
profmerge --gauge sum live.pb live.pb | pb2folded
profmerge --gauge max live.pb live.pb | pb2folded
profmerge peak.pb higher.pb peak.pb | pb2folded
