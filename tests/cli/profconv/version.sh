profconv --version
