printf 'hello\n' >hello.txt
profdot hello.txt
