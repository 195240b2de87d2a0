# refused with the reason; compared by shares when asked for or forced
cp "$SAMPLES/old.prof" "$SAMPLES/old.folded" .
mk() { python3 "$TESTS/cli/pb.py" "$@"; }
printf 'main;a 60\nmain;b 40\n' >stacks
mk wall.pb type=wall unit=nanoseconds kind=0 <stacks
mk cpu.pb type=cpu unit=nanoseconds kind=0 <stacks
mk often.pb type=time unit=nanoseconds kind=0 period=1000000 clock=cpu <stacks
mk rarely.pb type=time unit=nanoseconds kind=0 period=10000000 clock=cpu <stacks
mk other.pb type=time unit=nanoseconds kind=0 clock=wall <stacks
profdiff wall.pb cpu.pb
profdiff often.pb rarely.pb
profdiff often.pb other.pb
profdiff old.prof often.pb
profdiff --force --all wall.pb cpu.pb
profdiff --normalize share -n 3 old.prof old.folded
