profdot </dev/null
