printf 'hello\n' >hello.txt
profconv hello.txt
