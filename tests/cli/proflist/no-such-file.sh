proflist f none.prof none.prof
