printf 'hello\n' >hello.txt
profflame hello.txt
