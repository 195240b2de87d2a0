pstat2pb --version
