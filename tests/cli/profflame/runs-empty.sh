# a run without samples is a run, wherever it stands: means are over all
python3 "$TESTS/cli/pb.py" e type=samples unit=count kind=0 </dev/null
for n in 1 2 3; do echo 'main;f 30' | python3 "$TESTS/cli/pb.py" b$n type=samples unit=count kind=0; done
for n in 1 2; do echo 'main;f 60' | python3 "$TESTS/cli/pb.py" n$n type=samples unit=count kind=0; done
for order in 'n1 n2 e' 'n1 e n2' 'e n1 n2'; do
    profflame -b b1 -b b2 -b b3 $order | grep -o 'samples: base [^;]*; [^;]*; means[^;]*'
done
profflame -b b1 -b b2 -b b3 n1 n2 e >given.svg
profdiff -q --pb -b b1 -b b2 -b b3 n1 n2 e | profflame | cmp - given.svg && echo same
