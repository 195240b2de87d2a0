profdiff none.prof none.prof
