# any tar opens it, and what comes out has the hash that names it
profarchive add a.tar.zst "$SAMPLES/old.prof" "$SAMPLES/new.folded" -l a=b
profarchive add --format zip -o a.zip - a.tar.zst
mkdir gnu bsd zip
tar --zstd -xf a.tar.zst -C gnu
bsdtar -xf a.tar.zst -C bsd
unzip -q a.zip -d zip
diff -r gnu bsd && diff -r gnu zip && echo same
cd gnu && for f in sha256-*.pb; do echo "$(echo $f | cut -c8-71)  $f"; done | sha256sum -c --quiet && cat manifest.jsonl
proftop -n 1 sha256-7*.pb
