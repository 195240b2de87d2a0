profgrep --nope
