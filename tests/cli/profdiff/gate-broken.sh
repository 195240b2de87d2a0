# a broken expression: a caret under the place, before anything is read
for gate in 'time >> +1%' 'time > 10%' '(time > +1%' 'time > +1% und q < 1' 'Zeit größer' ''; do
    profdiff --fail-if "$gate" none none
done
printf 'main;a 5\n' >old
profdiff --fail-if 'space > +1% or samples > +1%' old old
profdiff --fail-if 'samples > +1ms' old old
