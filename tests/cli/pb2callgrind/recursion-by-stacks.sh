# each call on a stack counts in full, as callgrind counts
printf 'main (m.py:1);fib (f.py:3);fib (f.py:4);fib (f.py:4) 5\nmain (m.py:2);fib (f.py:3) 2\n' | pb2callgrind
