# calls have no rss, so they are no moments of its mean; children add to those of the process itself
mk() { # CALLS
    echo 'CMDLINE python a.py'
    for i in 1 2 3 4; do echo "MEM 100.0 170000000$i.0"; done
    seq 1 "$1" | while read -r i; do echo "FUNC m.f$i 100.0 1700000001.$i 100.0 1700000002.$i"; done
}
mk 1 >d1.dat
mk 4 >d2.dat
{ mk 2; echo 'CHLD 7 40.0 1700000003.0'; echo 'CHLD 7 60.0 1700000004.0'; } >children.dat
printf 'CMDLINE python a.py\nCHLD 7 40.0 1700000003.0\nCHLD 7 60.0 1700000004.0\n' >only.dat
profdiff -q --all d1.dat d2.dat
profdiff -q --all --mean d1.dat d2.dat
profdiff -q --all --mean --sample entry d1.dat d2.dat
profdiff -q --all --mean d1.dat children.dat
profdiff -q --all --mean only.dat children.dat
