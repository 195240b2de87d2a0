# once a stack, and past what is left out
printf 'main;f;g;f;g 4\nmain;f;tiny;h 100\nmain 1\n' >r.folded
profdot --nodefraction 0 r.folded | grep -- 'N[0-9]'
echo "--- fewer nodes"
profdot --nodecount 3 r.folded | grep -- 'N[0-9]\|nodes'
