# sums of unequal numbers of runs are multiplied to equal ones: the delta of the means, 10, times 6
for n in 100 110 120; do echo "main (app.py:1);f (app.py:2) $n"; done | split -l 1 - old
for n in 119 121; do echo "main (app.py:1);f (app.py:2) $n"; done | split -l 1 - new
bases=$(printf -- '-b %s ' olda?)
profdiff --csv $bases newa? | cut -d, -f1-7
profdiff --pb $bases newa? | proftop --csv
profdiff --pb $bases newa? | profflame | grep -o 'samples: base [^;]*; [^;]*; means[^;]*'
profdiff --pb $bases newaa newab newab | proftop --csv
profdiff --pb -b oldaa newa? | profflame | grep -o 'samples: base [^;]*; [^;]*; means[^;]*'
echo 'main;f 5000000000000000000' >big
profdiff --pb -b big newa?
