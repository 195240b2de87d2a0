printf 'hello\n' >hello.txt
profplot hello.txt
