printf 'hello\n' >hello.txt
profmerge hello.txt
