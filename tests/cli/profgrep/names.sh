# matched are the name with its module, the file and the module; the bare name on request
cat >in.folded <<'X'
main (/srv/app/run.py:3);encode (/usr/lib/python3.11/json/encoder.py:200) 1
main (/srv/app/run.py:4);decode (/usr/lib/python3.11/json/decoder.py:330) 2
main (/srv/app/run.py:5) 4
X
for re in '^json\.encoder\.encode$' '^json\.encoder$' '/json/' '^encode$'; do
    echo "$re"
    profgrep -q --focus "$re" in.folded | pb2folded
done
echo bare
profgrep -q --bare --focus '^encode$' in.folded | pb2folded
echo any of two
profgrep -q --focus encode --focus decode in.folded | pb2folded
