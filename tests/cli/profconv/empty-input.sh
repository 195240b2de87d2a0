profconv </dev/null
