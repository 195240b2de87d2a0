#!/usr/bin/env python3
"""readme.py PROJECT - runs every ```sh block of README.md, in order, in a copy of the samples.

What a block prints (both streams) must be what the ```text block after it shows; a block without one
must succeed. UPDATE=1 writes what was seen into README.md.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

PROJECT = os.path.abspath(sys.argv[1])
README = os.path.join(PROJECT, "README.md")
BLOCK = re.compile(r"```sh\n(?P<code>.*?)```\n(?:(?P<gap>\n*)```text\n(?P<shown>.*?)```\n)?", re.S)


def run(code, cwd):
    env = {"PATH": os.environ["PATH"], "HOME": cwd, "LC_ALL": "C.UTF-8", "PPROF_TMPDIR": cwd}
    p = subprocess.run(["sh", "-c", code], cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                       stderr=subprocess.STDOUT, timeout=120)
    return p.stdout.decode(), p.returncode


def main():
    with open(README, encoding="utf-8") as f:
        text = f.read()
    wrong, blocks = 0, 0
    with tempfile.TemporaryDirectory() as cwd:
        shutil.copytree(os.path.join(PROJECT, "samples"), os.path.join(cwd, "samples"))
        for folder, _, names in os.walk(os.path.join(cwd, "samples")):
            for name in names:  # a checkout may write sources after the profiles of them
                os.utime(os.path.join(folder, name), (1700000000, 1700000000))

        def one(found):
            nonlocal wrong, blocks
            blocks += 1
            seen, status = run(found["code"], cwd)
            if found["shown"] is None:
                if status:
                    wrong += 1
                    print("status %d:\n%s%s" % (status, found["code"], seen))
                return found[0]
            if seen != found["shown"]:
                wrong += 1
                print("%sprints (status %d)\n%snot\n%s" % (found["code"], status, seen, found["shown"]))
            return "```sh\n%s```\n%s```text\n%s```\n" % (found["code"], found["gap"], seen)

        new = BLOCK.sub(one, text)
    if os.environ.get("UPDATE"):
        with open(README, "w", encoding="utf-8") as f:
            f.write(new)
    sys.exit(1 if wrong or not blocks else 0)


main()
