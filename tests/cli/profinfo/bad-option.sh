profinfo --nope
