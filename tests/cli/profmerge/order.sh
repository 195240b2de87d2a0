# one result, whatever the order and the grouping
cd "$SAMPLES" || exit
{
    profmerge run1.prof run2.prof run3.prof | cksum
    profmerge run3.prof run1.prof run2.prof | cksum
    profconv run2.prof run3.prof run1.prof | profmerge | cksum
} | uniq | wc -l
