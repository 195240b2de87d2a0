profplot --nope
