printf 'hello\n' >hello.txt
pb2folded hello.txt
