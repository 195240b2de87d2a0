# a caret stands under the place
profgrep --focus 'shop[.(find' <"$SAMPLES/new.folded"
echo $?
profgrep --tagignore 'thread=one,né(' <"$SAMPLES/new.folded"
echo $?
profgrep --map '(=x' <"$SAMPLES/new.folded"
echo $?
profgrep --map 'x' <"$SAMPLES/new.folded"
echo $?
profgrep --map 'e=$9' <"$SAMPLES/new.folded"
echo $?
profgrep --min 5 <"$SAMPLES/new.folded"
