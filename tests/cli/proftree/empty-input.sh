proftree </dev/null
