# each of pprof's filters for frames; the share that is kept is told
for option in "--focus find" "--focus shop.price" "--ignore find" "--hide report|main" "--show find|price" "--show-from check" "--prune-from price"; do
    echo "$option"
    profgrep $option <"$SAMPLES/new.folded" | proftop --csv -n 3
done
