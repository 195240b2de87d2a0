profarchive --nope
