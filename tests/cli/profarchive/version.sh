profarchive --version
