profmerge --version
