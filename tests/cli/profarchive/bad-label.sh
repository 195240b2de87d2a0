cp "$SAMPLES/old.prof" .
profarchive add a.tar.zst old.prof --label nonsense; echo $?
profarchive add a.tar.zst old.prof --label a=1 --label a=2; echo $?
profarchive add a.tar.zst old.prof --label "$(printf 'a=\377')"; echo $?
profarchive add a.tar.zst old.prof --time soon; echo $?
profarchive add a.tar.zst old.prof --json; echo $?
ls
profarchive add a.tar.zst nosuch.prof --label k; echo $?
