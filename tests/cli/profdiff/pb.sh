# the signed difference is a profile: base samples below zero, labelled pprof::base
printf 'main;a 5\nmain;b 7\n' >old
printf 'main;a 9\nmain;c 1\n' >new
profdiff --pb old new >diff.pb.zst
pb2folded diff.pb.zst | sort
profinfo --json diff.pb.zst | grep -o '"labels":[^]]*]'
