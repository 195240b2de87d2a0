profconv --help
