printf 'a;b 1\n' >one
printf 'a;b 2\n' >two
profconv -t folded one two
