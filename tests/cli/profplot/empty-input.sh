profplot </dev/null
