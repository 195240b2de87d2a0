profflame --help
