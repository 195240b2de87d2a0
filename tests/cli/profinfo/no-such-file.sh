profinfo none.prof none.prof
