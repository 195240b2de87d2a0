profdot --version
