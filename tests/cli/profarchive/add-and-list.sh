# labels, and a time for what knows none of its own
cd "$SAMPLES" || exit
a=$OLDPWD/a.tar.zst
profarchive add "$a" old.prof --label branch=main --label 'what=the old one'
profarchive add "$a" new.prof new.folded -l branch=dev --time 2026-01-31T12:00:00Z
profarchive list "$a"
echo "--- branch=dev"
profarchive list "$a" branch=dev
echo "--- times"
profarchive list "$a" --since 2026-01-31
profarchive list "$a" --until 2026-01-31
echo "--- an id"
profarchive list "$a" sha256-1bfa branch=none
profarchive list "$a" 744
