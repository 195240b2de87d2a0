proftop --version
