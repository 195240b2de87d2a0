#!/usr/bin/env python3
"""mpi.py RECIPES - mpi.sh with Open MPI, by as many ranks as there are files, by more, by few and by one."""
import os

from fleet import RECIPES, main


MPI = os.path.join(RECIPES, "mpi.sh")
HOW = ("--oversubscribe", "--mca", "btl", "self,vader", "--mca", "plm", "isolated")


def trees(fleet):
    for n in ("5", "4", "1"):
        fleet.call(MPI, "files.txt", "all%s.pb.zst" % n, n, *HOW)
        fleet.same("all%s.pb.zst" % n)
    fleet.shell("head -n 3 files.txt > three.txt; xargs profmerge -o want.pb.zst < three.txt")
    fleet.call(MPI, "three.txt", "three.pb.zst", "6", *HOW)
    fleet.same("three.pb.zst")
    fleet.leaves_old("old.pb.zst", MPI, "broken.txt", "old.pb.zst", "5", *HOW)


def many(fleet):
    """More names than a command line holds; then, of those that do not fit in the first, one is broken."""
    deep = fleet.path(*["x" * 200] * 10)
    os.makedirs(deep)
    names = [os.path.join(deep, "%d.pb" % i) for i in range(100)]
    with open(fleet.path("files.txt")) as f:
        files = f.read().split()
    for i, name in enumerate(names):
        os.link(files[i % len(files)], name)
    fleet.write("files.txt", "".join(name + "\n" for name in names))
    fleet.shell("cd '%s' && profmerge -o '%s' *.pb" % (deep, fleet.path("want.pb.zst")))
    fleet.call(MPI, "files.txt", "many.pb.zst", "1", *HOW)
    fleet.same("many.pb.zst")
    fleet.shell("echo no profile > broken.pb; sed '96s/.*/broken.pb/' files.txt > broken.txt")
    fleet.write("old.pb.zst", "as before")
    fleet.call(MPI, "broken.txt", "old.pb.zst", "1", *HOW, fails=True)
    fleet.stays("old.pb.zst", "as before")


def test(fleet):
    fleet.make(40)
    fleet.env.update(OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1")  # as CI's containers do
    trees(fleet)
    many(fleet)


main(test)
