cd "$TESTS/formats/pstat" && profdiff --json recursion/input.prof recursion/input.prof | head -c 700
echo
cd "$SAMPLES" && profdiff --json old.prof new.prof | python3 -c '
import json, sys
d = json.load(sys.stdin)
print(sorted(d), d["schema"], d["base"], d["new"], d["type"], d["unit"], len(d["rows"]))
for r in d["rows"][:6]:
    print(json.dumps(r))
print({s: sum(r["status"] == s for r in d["rows"]) for s in ("both", "new", "gone")})'
