# both sides in each box; the change of a box is that of all above it; what is gone is drawn
printf 'main;a;b 4\nmain;a;c 2\nmain;old 5\n' >old.folded
printf 'main;a;b 8\nmain;a;c 2\nmain;young 1\n' >new.folded
profdiff --pb old.folded new.folded >signed.pb.zst
profflame -b old.folded new.folded >given.svg
profflame signed.pb.zst >signed.svg
cmp given.svg signed.svg && echo same
grep -o 'class="f [^>]*><title>.*' given.svg
grep -o '<desc[^>]*>[^<]*' given.svg
