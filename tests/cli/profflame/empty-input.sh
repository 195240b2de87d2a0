profflame </dev/null
