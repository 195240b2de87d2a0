# other names, coarser frames, shorter stacks
cat >in.folded <<'X'
main (/srv/app/run.py:3);fib (/srv/app/fib.py:2);fib (/srv/app/fib.py:3);fib (/srv/app/fib.py:4);leaf (/srv/app/fib.py:9) 90
main (/srv/app/run.py:3);fib (/srv/app/fib.py:2);fib (/srv/app/fib.py:3) 8
main (/srv/app/run.py:5);rare (/srv/app/run.py:7) 2
X
for option in '--map ^f(.)b$=$1_of' '--trim-path /srv/app/' --collapse-recursion '--depth 2' '--min 5%' '--granularity function' '--granularity file' '--granularity module' '--granularity line'; do
    echo "$option"
    profgrep -q $option in.folded | pb2folded
done
