profflame none.prof none.prof
