# callers and callees that disagree: own times stay, and that the rest cannot is told
cat <<'X' | python3 - clash.prof && pb2folded clash.prof && profinfo --stacks whole clash.prof 2>/dev/null | grep -A9 stacks
import marshal, sys
key = lambda name: ("a.py", 1, name)
table = {key("main"): (1, 1, 1e-8, 1e-6, {}),
         key("<lambda>"): (1, 1, 5e-9, 1.05e-7, {key("main"): (1, 1, 5e-9, 1.05e-7)}),
         key("f"): (1, 1, 5e-7, 5e-7, {key("<lambda>"): (1, 1, 5e-7, 5e-7)})}
marshal.dump(table, open(sys.argv[1], "wb"))
X
