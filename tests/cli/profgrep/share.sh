# all tools read shares alike
echo "main;work 3" >run.folded
for share in 0.5% .005 1 100% 101% 1.5 -1% 5%% x "" nan; do
    profgrep -q --min "$share" -o a.pb.zst run.folded
    proftree --min "$share" run.folded >/dev/null
    profdot --nodefraction "$share" run.folded >/dev/null
done
