proftop </dev/null
