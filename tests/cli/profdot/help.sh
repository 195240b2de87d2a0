profdot --help
