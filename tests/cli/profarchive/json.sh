cd "$SAMPLES" || exit
profarchive add "$OLDPWD/a.tar.zst" old.prof new.folded --label 'quote="'
profarchive list --json "$OLDPWD/a.tar.zst"
