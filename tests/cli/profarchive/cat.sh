# a stream of profiles, from a file and from a pipe
cd "$SAMPLES" || exit
for i in 1 2 3; do
    profarchive add "$OLDPWD/a.tar.zst" run$i.prof --label run=$i --label branch=main
done
cd "$OLDPWD" || exit
profarchive cat a.tar.zst branch=main | profmerge | cksum
cat a.tar.zst | profarchive cat - | profmerge | cksum
profmerge "$SAMPLES"/run[123].prof | cksum
profarchive cat a.tar.zst run=2 | cmp - "$(pstat2pb "$SAMPLES/run2.prof" -o 2.pb.zst && echo 2.pb.zst)" && echo same
profarchive cat a.tar.zst run=4; echo $?
# several for a pipe are not packed; into a file, as each would be by itself
profarchive cat a.tar.zst >plain.pb.zst
zstd -dqc plain.pb.zst >all.pb
[ "$(wc -c <plain.pb.zst)" -gt "$(wc -c <all.pb)" ] && echo not packed
profarchive cat a.tar.zst -o packed.pb.zst
profarchive list a.tar.zst | while read -r id _; do profarchive get a.tar.zst "$id"; done | cmp - packed.pb.zst && echo packed
