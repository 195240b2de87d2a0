profmerge none.prof none.prof
