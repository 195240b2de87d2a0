printf 'a 0\n' >z.folded
profdot z.folded
profdot --nodefraction 2 z.folded
