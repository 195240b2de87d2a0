profflame --version
