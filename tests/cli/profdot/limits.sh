printf 'a;b 99\na;c 1\n' >s.folded
profdot --nodecount 0 s.folded; echo $?
echo "--- 5% and 0.05 are the same"
profdot --nodefraction 5% --edgefraction 5% s.folded >percent
profdot --nodefraction 0.05 --edgefraction 0.05 s.folded | cmp - percent && grep -c 'N[0-9]* \[' percent
profdot --nodefraction 101% s.folded; echo $?
profdot --edgefraction %5 s.folded; echo $?
