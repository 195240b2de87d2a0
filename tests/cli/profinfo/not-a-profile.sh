printf 'hello\n' >hello.txt
profinfo hello.txt
