profmerge </dev/null
