profgrep none.prof none.prof
