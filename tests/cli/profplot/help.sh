profplot --help
