for by in function file line module stack; do
    echo "--- $by"
    proftop -n 3 --by $by "$SAMPLES/new.folded"
done
