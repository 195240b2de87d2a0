profinfo --version
