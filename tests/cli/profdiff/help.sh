profdiff --help
