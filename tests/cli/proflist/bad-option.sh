proflist --nope
