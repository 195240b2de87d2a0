# a function without a file has no lines; a report brings its own text, so that no source is missing
echo "main 5" >run.folded
proflist main run.folded
echo "$?"
cat >report.txt <<EOF
Filename: app.py

Line #    Mem usage    Increment  Occurrences   Line Contents
=============================================================
     1     40.0 MiB     10.0 MiB           1   def main():
     2     45.0 MiB      5.0 MiB           1       x = []


EOF
proflist app.py report.txt
proflist --to html app.py report.txt | grep "<h2>"
