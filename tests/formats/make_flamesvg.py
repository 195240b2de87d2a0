#!/usr/bin/env python3
"""make_flamesvg.py [CASE...] - flame graphs as SVG, drawn as inferno (py-spy record), its first versions and flamegraph.pl do.

draw() follows their algorithm: lines in the order of their bytes, boxes for what neighbours share, those too narrow left out.
"""
import sys
from xml.sax.saxutils import escape

from make import CASES, SUFFIX, case, main

SUFFIX["flamesvg"] = "svg"
THEIRS = set(CASES)


def boxes(folded):
    """(depth, name, start, end) for each frame; the root is at depth 0."""
    open_, done, now = [("", 0)], [], 0
    for line in sorted(folded):
        stack, count = line.rsplit(" ", 1)
        names = [""] + stack.split(";")
        same = 0
        while same < min(len(names), len(open_)) and names[same] == open_[same][0]:
            same += 1
        for depth in range(same, len(open_)):
            done.append((depth, open_[depth][0], open_[depth][1], now))
        open_[same:] = [(name, now) for name in names[same:]]
        now += int(count)
    for depth, (name, start) in enumerate(open_):
        done.append((depth, name, start, now))
    return done, now


HEAD = """<?xml version="1.0" standalone="no"?><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" \
"http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd"><svg version="1.1" width="1200" height="%d" onload="init(evt)" \
xmlns="http://www.w3.org/2000/svg" xmlns:fg="http://github.com/jonhoo/inferno"><!--NOTES: <g> --><defs>\
<linearGradient id="background" y1="0" y2="1"><stop stop-color="#eeeeee" offset="5%%" /></linearGradient></defs>\
<style type="text/css">#frames > *:hover { stroke:black; }</style><script type="text/ecmascript"><![CDATA[
var inverted = true; if (1 < 2 && "</g>") s = '<rect>';
]]></script><rect x="0" y="0" width="100%%" height="%d" fill="url(#background)"/><text id="title" x="50.0000%%" y="24.00">\
%s</text>"""
# flamegraph.pl has blanks in its comment, which inferno has copied without them
PERL = """<?xml version="1.0" standalone="no"?>
<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">
<svg version="1.1" width="1200" height="%d" onload="init(evt)" viewBox="0 0 1200 %d" xmlns="http://www.w3.org/2000/svg">
<!-- Flame graph stack visualization. See https://github.com/brendangregg/FlameGraph for latest version. -->
<!-- NOTES:  -->
<text id="title" x="600.00" y="24" >%s</text>
"""


def draw(folded, style="inferno", up=False, narrow=0.0, unit="samples", extra="", title="Flame Graph"):
    frames, total = boxes(folded)
    frames = [f for f in frames if f[3] - f[2] >= narrow * total]
    rows = max(f[0] for f in frames)
    height = 16 * (rows + 1) + 70
    out = [(PERL if style == "pl" else HEAD) % (height, height, escape(title))]
    if style == "inferno":
        out.append('<svg id="frames" x="10" width="1180" total_samples="%d">' % total)
    for depth, name, start, end in frames:
        y = height - 34 - 16 * (depth + 1) + 1 if up else 36 + 16 * depth
        count = end - start
        share = "100" if depth == 0 else "%.2f" % (100 * count / total)
        title = "%s (%s %s, %s%%%s)" % (name if depth else "all", format(count, ","), unit, share, extra if depth else "")
        if style == "inferno":
            place = 'x="%.4f%%" y="%d" width="%.4f%%" height="15" fill="rgb(1,2,3)" fg:x="%d" fg:w="%d"' % (
                100 * start / total, y, 100 * count / total, start, count)
        elif style == "percents":
            place = 'x="%.4f%%" y="%d" width="%.4f%%" height="15"' % (100 * start / total, y, 100 * count / total)
        elif style == "pixels":
            left, right = (10 + int(t * 1180 / total) for t in (start, end))
            place = 'x="%d" y="%d" width="%d" height="15"' % (left, y, right - left)
        else:
            left, right = (10 + t * 1180 / total for t in (start, end))
            place = 'x="%.1f" y="%d" width="%.1f" height="15.0" rx="2"' % (left, y, right - left)
        out.append("<g><title>%s</title><rect %s/><text x=\"3\" y=\"%d.50\">%s</text></g>" % (
            escape(title, {'"': "&quot;", "'": "&apos;"}), place, y + 10, escape(name[:3])))
    out.append("</svg></svg>" if style == "inferno" else "</svg>")
    return "".join(out).encode()


SMALL = ["<module> (app.py:40);main (app.py:30);parse (app.py:12) 1234", "<module> (app.py:40);main (app.py:30) 5",
         "<module> (app.py:40);main (app.py:31);<lambda> (app.py:21) 7", "run (a&b \"c\".py:3) 9",
         "<module> (app.py:40);main (app.py:31);render (app.py:22) 3"]


@case("flamesvg/py-spy")
def pyspy():
    return draw(SMALL, title="/usr/bin/py-spy record -o profile.svg -- python app.py")


@case("flamesvg/py-spy-threads")
def threads():
    """py-spy does not escape semicolons, so that the graph has a box for each part of a command line."""
    return draw(['process 7:"python a.py; b";thread (8): ast; worker;run (a.py:3);f (a.py:4) 5',
                 'process 7:"python a.py; b";thread (9): main;run (a.py:3) 6'], title="py-spy record -t -s -p 7")


@case("flamesvg/pruned")
def pruned():
    """Boxes under one percent are left out, and what is above them: 7 and 8 of callees, 2 at the end."""
    return draw(["a;b 500", "a;c 3", "a;d 490", "a;e;f 5", "a;e;g 4", "a 40", "h 2"], narrow=0.01)


@case("flamesvg/by-time")
def by_time():
    """A flame chart: callees are not in the order of their names, and what a frame took itself is between them."""
    return (b'<svg total_samples="10"><g><title>all (10 samples, 100%)</title><rect y="0" fg:x="0" fg:w="10"/></g>'
            b'<g><title>f (10 samples, 100%)</title><rect y="16" fg:x="0" fg:w="10"/></g>'
            b'<g><title>z (2 samples, 20%)</title><rect y="32" fg:x="1" fg:w="2"/></g>'
            b'<g><title>a (3 samples, 30%)</title><rect y="32" fg:x="5" fg:w="3"/></g></svg>')


@case("flamesvg/inferno-up")
def inferno_up():
    return draw(SMALL, up=True)


@case("flamesvg/inferno-percents")
def inferno_percents():
    """Before fg:x: the exact counts are in the titles."""
    return draw(SMALL, style="percents", up=True)


@case("flamesvg/py-spy-2019")
def pixels():
    """The first versions: whole pixels. Boxes of less than one stand where others do."""
    return draw(["r;%s;%s 1" % (n, n * 2) for n in "abcdefgh"] + ["r;z 5000"], style="pixels", title="py-spy")


@case("flamesvg/flamegraph-pl")
def flamegraph_pl():
    return draw(SMALL, style="pl", up=True)


@case("flamesvg/bytes")
def count_bytes():
    return draw(["a;b 4096", "a 100"], style="pl", up=True, unit="bytes")


@case("flamesvg/differential")
def differential():
    return draw(["a;b 9", "a;c 3"], up=True, extra="; +4.87%")


def one(inside, total=9):
    return ('<svg total_samples="%d"><g><title>all (9 samples, 100%%)</title><rect y="0" fg:x="0" fg:w="9"/></g>%s</svg>'
            % (total, inside)).encode()


def box(name, y, x, w):
    return '<g><title>%s (1 samples, 1%%)</title><rect y="%s" fg:x="%s" fg:w="%s"/></g>' % (name, y, x, w)


case("flamesvg/overlap")(lambda: one(box("a", 16, 0, 5) + box("b", 16, 4, 3)))
case("flamesvg/outside")(lambda: one(box("a", 16, 0, 5) + box("b", 32, 3, 3)))
case("flamesvg/other-total")(lambda: one(box("a", 16, 0, 5), total=10))
case("flamesvg/no-width")(lambda: one('<g><title>a (1 samples, 1%)</title><rect y="16" fg:x="0"/></g>'))
case("flamesvg/no-title")(lambda: one('<g><rect y="16" fg:x="0" fg:w="1"/></g>'))
case("flamesvg/bad-width")(lambda: one(box("a", 16, 0, "99999999999999999999")))
case("flamesvg/entity")(lambda: one(box("&lol;", 16, 0, 5)))
case("flamesvg/declarations")(lambda: b'<!DOCTYPE svg [<!ENTITY lol "lol">]>' + one(""))
case("flamesvg/deep")(lambda: b"<svg>" + 70 * b"<g>" + 70 * b"</g>" + b"</svg>")
case("flamesvg/cut")(lambda: draw(SMALL)[:-40])
case("flamesvg/no-frames")(lambda: b'<?xml version="1.0"?><svg><text>ERROR: No valid input</text></svg>')
case("flamesvg/no-svg")(lambda: b'<?xml version="1.0"?><html></html>')


if __name__ == "__main__":
    sys.argv[1:] = sys.argv[1:] or [name for name in CASES if name not in THEIRS]
    main()
