printf 'hello\n' >hello.txt
proftop hello.txt
