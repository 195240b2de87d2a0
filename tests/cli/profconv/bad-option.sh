profconv --nope
