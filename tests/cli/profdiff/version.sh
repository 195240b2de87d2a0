profdiff --version
