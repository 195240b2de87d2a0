"""pictures.py - profiles that are hardly any, through everything that draws or prints: a sensible picture or a clear refusal."""
import json
import os
import re
import subprocess
import sys
import tempfile
import xml.dom.minidom

scratch = tempfile.TemporaryDirectory(prefix="profpipe-")
os.chdir(scratch.name)
failed = passed = 0


def ok(good, what):
    global failed, passed
    passed, failed = passed + bool(good), failed + (not good)
    if not good:
        print("FAILED:", what)
    return good


def write(name, data):
    with open(name, "wb") as f:
        f.write(data)
    return name


def made(name, *command):
    with open(name, "wb") as f:
        subprocess.run(command, stdout=f, stderr=subprocess.DEVNULL, check=True)
    return name


REPORT = b"""Filename: app.py

Line #    Mem usage    Increment  Occurrences   Line Contents
=============================================================
     3     38.8 MiB    -10.0 MiB           1   def f():
     4     28.8 MiB    -10.0 MiB           1       pass
"""
write("some.folded", b"main (app.py:1);f (app.py:3) 5\n")
write("other.folded", b"main (app.py:1);g (app.py:9) 3\n")
DEPTH = 100000
INPUTS = {
    "empty": made("empty.pb.zst", "profgrep", "-q", "--focus", "^nothing$", "some.folded"),
    "one frame": write("one.folded", b"f (app.py:3) 5\n"),
    "no frame": write("root.json", json.dumps({"$schema": "https://www.speedscope.app/file-format-schema.json", "shared": {"frames": [{"name": "f"}]}, "profiles": [
        {"type": "sampled", "name": "p", "unit": "none", "startValue": 0, "endValue": 5, "samples": [[]], "weights": [5]}]}).encode()),
    "deep": write("deep.folded", b";".join(b"f%d (app.py:%d)" % (i % 7, i % 7 + 1) for i in range(DEPTH)) + b" 5\n"),
    "negative": write("negative.txt", REPORT),
    "all gone": made("gone.pb.zst", "profdiff", "-q", "--pb", "some.folded", "empty.pb.zst"),
    "nothing changed": made("same.pb.zst", "profdiff", "-q", "--pb", "some.folded", "some.folded"),
    "as much lost as won": made("swap.pb.zst", "profdiff", "-q", "--pb", "some.folded", "other.folded"),
    "zero": write("zero.folded", b"main (app.py:1);f (app.py:3) 0\n"),
    "huge": write("huge.folded", b"main (app.py:1);f (app.py:3) 9223372036854775807\n"),
    "one moment": made("moment.pb.zst", "mprof2pb", write("moment.dat", b"MEM 5.0 1.0\n")),
    "falling": made("falling.pb.zst", "mprof2pb", write("falling.dat", b"MEM 9.0 1.0\nMEM 0.0 2.0\n")),
}


def is_svg(out):
    svg = xml.dom.minidom.parseString(out).documentElement
    texts = [t for t in svg.getElementsByTagName("text") if t.firstChild]
    return svg.tagName == "svg" and len(texts) >= 2 and not re.search(rb"\b(nan|inf)\b|-?nan|[ \"]inf", re.sub(rb"<style>.*?</style>|<script>.*?</script>", b"", out, flags=re.S))


def is_page(out):
    return out.startswith(b"<!DOCTYPE html>") and out.rstrip().endswith(b"</html>") and b"Content-Security-Policy" in out


def is_dot(out):
    return subprocess.run(["dot", "-Tplain"], input=out, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0


def is_json(out):
    return bool(json.loads(out))


def is_text(out):
    return out.strip() and not re.search(rb"\b-?(nan|inf)\b", out)


RENDERERS = {
    "profflame --to svg": is_svg, "profflame --to html": is_page, "profflame --to svg --invert": is_svg, "profflame --to svg --diff": is_svg, "profflame --to html --diff": is_page,
    "proftree": is_text, "proftree --json": is_json, "proftree --invert": is_text, "proftree --peek f": is_text, "proftop": is_text, "proftop --json": is_json,
    "proflist --to html app.py": is_page, "proflist app.py": is_text, "profdot": is_dot, "profplot --to svg": is_svg, "profplot --to text": is_text, "profplot --csv": is_text,
}
# What has nothing that could be drawn is refused: these words, no picture, exit 2.
REFUSED = r"nothing to draw|no samples|no function and no file|do not add up|have no time|no time|no function matches|no signed difference"
drawn = set()
for what, path in INPUTS.items():
    for command, good in RENDERERS.items():
        done = subprocess.run(command.split() + [path], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        case = f"{command} of '{what}'"
        told = done.stderr.decode().splitlines()
        ok(all(line.startswith(command.split()[0] + ": ") for line in told), f"{case}: {told}")
        if done.returncode == 0:
            ok(good(done.stdout), f"{case}: {done.stdout[:300]}")
            drawn.add((what, command))
        else:
            ok(done.returncode == 2 and not done.stdout and len(told) == 1 and re.search(REFUSED, told[0]), f"{case}: {done.returncode}: {told}")

# What has something is drawn.
for what in ("one frame", "deep", "as much lost as won", "all gone", "nothing changed", "huge"):
    for command in ("profflame --to svg", "profflame --to html", "proftree", "proftree --json", "proftop"):
        ok((what, command) in drawn, f"{command} of '{what}' is drawn")
for what in ("as much lost as won", "all gone", "nothing changed"):
    ok((what, "profflame --to svg --diff") in drawn and (what, "profflame --to html --diff") in drawn, f"the difference '{what}'")
for what in ("one frame", "deep", "huge"):
    ok((what, "profdot") in drawn and (what, "proflist --to html app.py") in drawn, f"profdot and proflist of '{what}'")
for what in ("one moment", "falling"):
    for command in ("profplot --to svg", "profplot --to text", "profplot --csv"):
        ok((what, command) in drawn, f"{command} of '{what}' is drawn")
print(f"{passed} passed, {failed} failed")
sys.exit(failed > 0)
