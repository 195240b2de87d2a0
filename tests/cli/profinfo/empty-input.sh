profinfo </dev/null
