profplot none.prof none.prof
