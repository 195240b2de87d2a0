proflist --version
