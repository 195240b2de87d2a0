printf 'hello\n' >hello.txt
profgrep hello.txt
