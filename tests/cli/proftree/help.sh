proftree --help
