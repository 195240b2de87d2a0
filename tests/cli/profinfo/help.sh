profinfo --help
