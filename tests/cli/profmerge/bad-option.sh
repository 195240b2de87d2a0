profmerge --nope
