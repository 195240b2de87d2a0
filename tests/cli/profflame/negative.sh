# what has no width is told unasked, and stands in the picture: its total is not that of other views
cat >leak.txt <<'END'
Filename: leak.py

Line #    Mem usage    Increment  Occurrences   Line Contents
=============================================================
     1     40.0 MiB     40.0 MiB           1   def f():
     2     48.0 MiB      8.0 MiB           1       a = g()
     3     44.0 MiB     -4.0 MiB           1       del a
END
profflame leak.txt >a.svg
grep -o '<desc[^>]*>[^<]*' a.svg
profflame leak.txt -o a.html
grep -o '"about":"[^"]*"' a.html
profflame -q leak.txt -o b.svg && cmp a.svg b.svg && echo same
proftop -n 1 leak.txt | head -1
