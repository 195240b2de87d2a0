# what does not go together
printf 'main;a 5\n' >x
profdiff --pb --fail-if 'time > 1' x x
profdiff --learn -b x x
profdiff --map x --pb x x
profdiff --undecided perhaps x x
profdiff --format html x x
