proflist --help
