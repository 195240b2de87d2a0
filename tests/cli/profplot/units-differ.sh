cd "$TESTS/formats" && profplot mprof/v0.43-func/input.dat speedscope/evented/input.*
