printf 'hello\n' >hello.txt
proflist f hello.txt
