# a converted file draws the same picture
in=$TESTS/formats/mprof/v0.61-func/input.dat
mprof2pb "$in" -o run.pb.zst
profplot --csv "$in" | cut -d, -f4- | sort >a
profplot --csv run.pb.zst | cut -d, -f4- | sort >b
cmp a b && wc -l <a
