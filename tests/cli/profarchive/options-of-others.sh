cp "$SAMPLES"/old.prof .
profarchive add a.tar.zst old.prof -l branch=main
profarchive list --keep 1 a.tar.zst; echo $?
profarchive list --dry-run a.tar.zst; echo $?
profarchive list --label a=b a.tar.zst; echo $?
profarchive get a.tar.zst 0 --label x=y; echo $?
profarchive get a.tar.zst 0 --since 3d; echo $?
profarchive cat a.tar.zst --format zip; echo $?
profarchive check a.tar.zst --older-than 3d; echo $?
profarchive add a.tar.zst old.prof --until 3d; echo $?
profarchive recover a.tar.zst -o b.tar.zst --time 3d; echo $?
profarchive nosuch a.tar.zst; echo $?
profarchive nosuch a.tar.zst --json; echo $?
profarchive check a.tar.zst --skip-unsafe; echo $?
profarchive add a.tar.zst old.prof --skip-unsafe; echo $?
profarchive check a.tar.zst --max-unpacked 1G; echo $?
