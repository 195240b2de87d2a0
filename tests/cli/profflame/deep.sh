# a stack of 100,000 frames: as many rows as can be looked at, and the rest is told
python3 -c 'print(";".join("f%d" % (i % 7) for i in range(100000)), 5)' >deep.folded
profflame -v -o deep.svg deep.folded
grep -c 'class="f' deep.svg
grep -o '[0-9]* boxes, over [^<]*' deep.svg
profflame -o deep.html deep.folded && grep -c '<canvas' deep.html
