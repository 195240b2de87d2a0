# an expression that would take for ever is stopped
printf 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa! 1\n' | profgrep --focus '^(a+)+$'
echo $?
profgrep --hide '((((a{1,500}){1,500}){1,500}){1,500})' <"$SAMPLES/new.folded"
