proftree --version
