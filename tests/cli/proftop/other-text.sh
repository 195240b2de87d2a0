printf 'Dear all,\nwe meet at 9\nin room 12\nbring: pens; paper\nthanks\n\nbest wishes,\nX\n' >text.txt
proftop text.txt; echo $?
echo "--- but whoever asks for it gets it"
proftop -f folded --csv text.txt; echo $?
echo "--- a few stacks among other lines, and counts of their own lines"
for i in 1 2 3 4 5; do echo some words; done >mixed.txt
echo 'main;work 5' >>mixed.txt
proftop --csv mixed.txt
for i in 1 2 3 4 5; do printf '   lib`f+0x20\n     3\n\n'; done >dtrace.txt
proftop --csv dtrace.txt
echo "--- no line with a count"
cp "$SAMPLES"/new.prof .
printf 'hello\n' >hello.txt
proftop -f folded hello.txt; echo $?
proftop -f folded new.prof; echo $?
echo "--- archives"
profarchive add a.tar.zst new.prof
proftop a.tar.zst; echo $?
profarchive add --format zip -o a.zip - new.prof
proftop a.zip; echo $?
# nor is a table with tabs, however many of its lines end in a number
printf 'portmapper\t100000\nrstatd\t\t100001\nnfs\t\t100003\tnfsprog\nypbind\t\t100007\n' >table
proftop table
proftop --csv -f folded table
# but stacks are, whatever stands before their counts
printf 'main\t1\nmain;f\t2\nmain;g\t3\n' >stacks
proftop --csv stacks
# a name may hold a NUL, in logs, too, if what stands before it is plain enough
printf 'main;f 1\nmain;a\0b 2\n' >nul.folded
proftop --csv nul.folded
printf "Executing <Handle f() at a.py:1> took 0.200 seconds\nExecuting <Handle g\0() at a.py:2> took 0.100 seconds\n" >nul.log
proftop --csv nul.log
printf 'a\0b\nmain;f 1\n' >nul
proftop nul; echo $?
