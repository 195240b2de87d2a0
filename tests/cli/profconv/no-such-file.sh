profconv none.prof none.prof
