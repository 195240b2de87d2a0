# never more stacks than that, and all own times; where it is fewer than callers need, that is told
cd "$SAMPLES" || exit
for n in 600 10; do
    echo "--max-stacks $n"
    pb2folded -q --max-stacks $n run1.prof | awk '{ sum += $NF; n++ } END { print n " stacks, " sum }'
    profinfo --stacks whole --max-stacks $n run1.prof | grep -A2 certificate
done
proftop -n 1 --by stack --max-stacks 600 run1.prof | head -1
