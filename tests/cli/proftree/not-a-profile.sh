printf 'hello\n' >hello.txt
proftree hello.txt
