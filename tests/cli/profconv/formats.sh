# the columns stand below each other, however long a name is
profconv --formats >list
cut -c1-42 list | grep -E '^(pb|pprof|chrometrace|folded) '
awk '{ print match($0, / [r-][w-] /), match($0, /[r-][w-]  [^ ]+ +/) + RLENGTH }' list | sort -u
