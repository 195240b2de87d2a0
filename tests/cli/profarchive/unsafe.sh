# refused whole, unless those members are to be left out
mkdir x && cp "$SAMPLES/old.prof" x/
ln -s ../../etc/passwd x/link
tar -cf link.tar x
profarchive list link.tar; echo $?
profarchive list --skip-unsafe link.tar; echo $?
tar -cPf up.tar x/../x/old.prof
profarchive cat up.tar; echo $?
tar -cf twice.tar x/old.prof x/old.prof
profarchive cat twice.tar; echo $?
profarchive list --max-unpacked 10k --skip-unsafe link.tar; echo $?
