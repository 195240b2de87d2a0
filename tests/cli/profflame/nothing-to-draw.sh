# clear refusals, and nothing half-written
printf 'a 0\n' >zero.folded
profflame -o x.svg zero.folded
profdiff --pb zero.folded zero.folded | profflame -o x.svg
printf 'a;b 3\n' >b.folded
profdiff --pb b.folded b.folded | profflame -o x.svg --min-width 0 && grep -c 'class="f' x.svg
rm x.svg
profflame --min-width 1px b.folded -o x.svg
ls
