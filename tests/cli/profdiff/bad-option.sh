profdiff --nope
