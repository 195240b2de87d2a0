proftop none.prof none.prof
