# the certificate of merged profiles sums up theirs; merged first, there is one for the sum
for f in "$SAMPLES"/run[123].prof; do pstat2pb --stacks whole "$f"; done | profmerge | profinfo --json |
    tr , '\n' | grep -e stacks -e error -e '"total":' -e method
echo
profmerge --stacks whole "$SAMPLES"/run[123].prof | profinfo --json |
    tr , '\n' | grep -e stacks -e error -e '"total":' -e method
