profflame --nope
