proftree --nope
