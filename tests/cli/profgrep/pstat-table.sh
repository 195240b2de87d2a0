# the table of a pstats file knows nothing of filters, and is left out
profgrep -v --focus find <"$SAMPLES/new.prof" | proftop --csv -n 3
