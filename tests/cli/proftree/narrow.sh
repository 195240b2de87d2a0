# names are cut to the terminal, wide characters measured right
printf '日本語のとても長い名前の関数 (app.py:3);ab\xcc\x81c 3\n' >w.folded
script -qec "stty cols 40; proftree w.folded" /dev/null </dev/null
