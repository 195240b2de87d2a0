# which runs a part of merged ones is of is not known, so that there is no mean of it
for side in old new; do
    profarchive add a.tar.zst --label side=$side "$SAMPLES"/$side.folded
done
profarchive cat --with-labels a.tar.zst >runs.pb.zst
profmerge runs.pb.zst -o merged.pb.zst
profmerge --by-label side --runs mean merged.pb.zst >refused; echo $?
wc -c <refused
# of the runs themselves there is
profmerge --by-label side --runs mean runs.pb.zst | profinfo | grep -c 'sum'
