# a label may tell any number of runs: the work has a limit, and what is beyond it is told
mk() { # NAME RUN
    awk -v run="$2" 'BEGIN { for (i = 1; i <= 200; i++) printf "main;f%d 10 time=%d\n", i, run }' |
        python3 "$TESTS/cli/pb.py" "$1" type=time unit=nanoseconds kind=0 label=profpipe::run
}
mk many 65536
profdiff -q --pb many many | profflame --max-memory 64M | grep -o 'means of[^.]*'
mk more 65537
profdiff -q --pb more more | profflame
echo "status $?"
