# no control character of source or name reaches a terminal
printf 'f (x.py:1) 3\n' >a.folded
mkdir r && printf 'x = "\033[31m\033]0;t\007"\t# \342\200\256\n' >r/x.py
touch -d 2020-01-01 r/x.py
proflist --source-root r f a.folded
