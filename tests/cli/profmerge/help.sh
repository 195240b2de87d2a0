profmerge --help
