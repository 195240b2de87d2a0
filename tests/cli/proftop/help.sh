proftop --help
