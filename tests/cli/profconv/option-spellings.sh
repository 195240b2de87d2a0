# --opt=value, --opt value, bundled short options, -- and - all mean what they mean elsewhere
cp "$SAMPLES/old.folded" .
{
    profconv --to=folded old.folded | cksum
    profconv --to folded -- old.folded | cksum
    profconv -qtfolded - <old.folded | cksum
} | uniq | wc -l
