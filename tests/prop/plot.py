#!/usr/bin/env python3
"""plot.py FORMATS - SVGs of profplot are well-formed XML, with hostile names too, and lose no peak."""
import glob
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET

SVG = "{http://www.w3.org/2000/svg}"
NAMES = ["<script>alert(1)</script>", "]]>", "&amp;\"'", "\x1b[31mred", "a\0b", "\u202ertl", "\ud800".encode("utf-8", "surrogatepass"),
         b"\xff\xfe", "<!--", "--><svg onload=x>", "x" * 100000, "\u6f22\u5b57" * 50, "\x85\u2028", "\ufffe\uffff"]
failures = 0


def check(what, good):
    global failures
    if not good:
        failures += 1
        print("failed:", what)


def plot(data, *options):
    run = subprocess.run(["profplot", "-q", *options], input=data, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return run.returncode, run.stdout


def tree(what, data, *options):
    code, out = plot(data, "--to", "svg", *options)
    check(what + ": status", code == 0)
    root = ET.fromstring(out)
    names = {e.tag for e in root.iter()}
    check(what + ": no script", SVG + "script" not in names and b"<script" not in out and b"javascript:" not in out)
    check(what + ": only our elements", names <= {SVG + n for n in ("svg", "title", "desc", "style", "rect", "text", "g", "path", "circle")})
    check(what + ": no handlers", not any(a.startswith("on") or a.endswith("href") for e in root.iter() for a in e.attrib))
    return root


def inside(what, root):
    """Nothing is drawn outside of the picture, and no text of the legend reaches over its edge."""
    width, height = (float(root.get(a)) for a in ("width", "height"))
    for e in root.iter(SVG + "text"):
        x, y, n = float(e.get("x")), float(e.get("y")), 7.3 * len(e.text or "")
        check("%s: text below the picture" % what, 0 < y < height)
        if not e.get("class") and not e.get("text-anchor") and all(ord(c) < 128 for c in e.text or ""):
            check("%s: text is cut: %s" % (what, e.text[:50]), x + n < width + 1)
    for e in root.iter(SVG + "path"):
        for x in re.findall(r"[ML](-?[0-9.]+) ", e.get("d")):
            check("%s: line outside" % what, -0.1 <= float(x) <= width)


for path in sorted(glob.glob(os.path.join(sys.argv[1], "mprof", "*", "input.dat"))):
    with open(path, "rb") as f:
        data = f.read()
    if plot(data)[0] == 0:
        for width in ("300", "1000"):
            inside(path, tree(path, data, "--width", width))

for name in NAMES:
    raw = name if isinstance(name, bytes) else name.encode("utf-8", "surrogatepass")
    data = b"CMDLINE " + raw + b"\nMEM 1.5 10.0\nMEM 2.5 11.0\nFUNC " + raw + b" 1.0 10.0 2.0 11.0 0\nCHLD 1 1.0 10.5\n"
    inside(repr(raw[:20]), tree(repr(raw[:20]), data))
    for to in ("text", "csv"):
        code, out = plot(data, "--to", to)
        check("%r: raw control bytes in %s" % (raw[:20], to), code == 0 and not set(out) & (set(range(32)) - {10} | {127}))

# Many points become few, and the largest and the smallest are still there.
points = [(i * 0.001, 100 + (i * 7919) % 50) for i in range(60000)]
points[31234] = (31.234, 900)
points[41234] = (41.234, 1)
data = b"".join(b"MEM %d.0 %.4f\n" % (v, t) for t, v in points)
root = tree("many points", data)
path, = [e.get("d") for e in root.iter(SVG + "path") if e.get("class").startswith("line") and len(e.get("d")) > 100]
ys = [float(y) for y in re.findall(r"[ML]\S+ (\S+?)(?=[ML]|$)", path)]
check("many points: thinned (%d)" % len(ys), 1000 < len(ys) < 4200)
circle, = root.iter(SVG + "circle")
check("many points: the peak is drawn", abs(min(ys) - float(circle.get("cy"))) < 0.11)
check("many points: so is the lowest", max(ys) > 379)

sys.exit(failures != 0)
