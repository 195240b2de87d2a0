printf 'MEM 5.0 1.0\nMEM 6.0 2.0\n' >m.dat
for w in 0 299 20001 99999999; do profplot --to svg --width $w m.dat; echo $?; done
for w in 0 19 10001; do profplot --to text --width $w m.dat; echo $?; done
profplot --csv --width 300 m.dat; echo $?
profplot --to svg --width 300 m.dat | grep -c '<svg[^>]* width="300"'
profplot --to svg --width 20000 m.dat | grep -c '<svg[^>]* width="20000"'
