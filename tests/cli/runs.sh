# runs.sh - for cases: `runs SIDE N PERCENT` writes N runs of a program in which slow() takes PERCENT of its time, with
# noise from a generator of its own, which is the same everywhere.
runs() {
    awk -v side="$1" -v n="$2" -v percent="$3" '
    function noise(size) { state = (state * 16807) % 2147483647; return size * (state / 2147483647) }
    BEGIN {
        state = (side == "old" ? 20261 : 4711)
        for (i = 1; i <= n; i++) {
            file = sprintf("%s%02d.folded", side, i)
            printf "main (app.py:1);slow (app.py:10) %d\n", (100000 + noise(1000)) * percent / 100 >file
            printf "main (app.py:1);steady (app.py:20) %d\n", 200000 + noise(1000) >file
            printf "main (app.py:1);wild (app.py:30) %d\n", 1000 + noise(20000) >file
            printf "main (app.py:1);even (app.py:40) 5000\n" >file
        }
    }'
}
