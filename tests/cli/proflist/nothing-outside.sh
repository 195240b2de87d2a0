# whatever a profile names, nothing outside the root is opened
mkdir -p root/sub
echo 'secret = 1' >secret.py
ln -s ../secret.py root/link.py
ln -s .. root/up
echo 'inside = 1' >root/sub/ok.py
cat >p.folded <<'X'
f (../secret.py:1) 1
g (link.py:1) 2
h (up/secret.py:1) 3
i (/etc/passwd:1) 4
j (/srv/app/sub/ok.py:1) 5
k (sub/../../secret.py:1) 6
X
for f in f g h i j k; do proflist --source-root root $f p.folded | tail -n 1; done
proflist --source-root nowhere f p.folded
