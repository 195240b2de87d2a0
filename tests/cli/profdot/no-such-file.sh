profdot none.prof none.prof
