f=$TESTS/formats/folded/plain/input.folded
proftop --color always "$f" | od -c | grep -c 033 >coloured; [ "$(cat coloured)" -gt 0 ] && echo coloured
proftop --color never "$f" | grep -c "$(printf '\033')"
script -qec "NO_COLOR=1 proftop '$f'" /dev/null | grep -c "$(printf '\033')"

echo done
