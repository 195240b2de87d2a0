profarchive; echo $?
profarchive add; echo $?
profarchive fetch a.tar.zst; echo $?
profarchive get a.tar.zst; echo $?
profarchive check a.tar.zst b.tar.zst; echo $?
