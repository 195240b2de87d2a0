proftree none.prof none.prof
