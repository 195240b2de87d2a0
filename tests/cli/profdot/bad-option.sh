profdot --nope
