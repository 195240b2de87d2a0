pstat2pb --help
