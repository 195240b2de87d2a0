# 100,000 levels are no trouble
python3 -c 'print(";".join("f%d" % (i % 7) for i in range(100000)), 5)' >d.folded
proftree d.folded | sed -n '1,3p;41,44p;100001,$p'
