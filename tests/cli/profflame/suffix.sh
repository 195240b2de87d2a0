# what the name of the output asks for, or else a refusal before anything is written
echo "main;work 3" >run.folded
for name in x.svg x.html x.htm x .hidden/x; do
    mkdir -p .hidden
    profflame -o "$name" run.folded
    echo "$name: $(grep -c "<!DOCTYPE html>" "$name")"
done
profflame -o x.png run.folded
echo "$?"
profflame --to svg -o y.png run.folded
ls
