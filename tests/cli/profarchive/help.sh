profarchive --help
