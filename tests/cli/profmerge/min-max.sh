# the least and the largest of each stack over the runs; a stack that a run lacks counts as 0 there
printf 'main;a 5\nmain;b 3\n' >one
printf 'main;a 7\n' >two
printf 'main;a 6\nmain;b 2\n' >three
for how in min max mean; do
    profmerge --runs $how one two three | pb2folded
done
