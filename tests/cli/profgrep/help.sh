profgrep --help
