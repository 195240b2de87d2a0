profplot --version
