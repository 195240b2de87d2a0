profgrep </dev/null
