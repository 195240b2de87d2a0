profgrep --version
