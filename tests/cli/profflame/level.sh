# q is 0.05035: noise in the picture, and so it is in the page, to which it goes as 51 thousandths (0x33), not as 50
n=0
for value in 1001 1002 1003 1055; do
    n=$((n + 1))
    echo "f $value" >"old$n.folded"
done
for value in 1 2 3 4 5 6 7 8 9; do echo "f 10${value}0" >"new$value.folded"; done
bases=$(printf -- '-b %s ' old*.folded)
profflame $bases new*.folded | grep -o 'class="f [^"]*"'
profflame --to html $bases new*.folded | sed -n 's/.*id="data">\([^<]*\)<.*/\1/p' | base64 -d | gzip -dc |
    od -An -tx1 | sed 's/ *$//'
