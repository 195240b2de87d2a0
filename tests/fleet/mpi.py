#!/usr/bin/env python3
"""mpi.py RECIPES - mpi.sh with Open MPI, by as many ranks as there are files, by more, by few and by one."""
import os

from fleet import RECIPES, main


def test(fleet):
    fleet.make(40)
    fleet.env.update(OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1")  # as CI's containers do
    mpi, how = os.path.join(RECIPES, "mpi.sh"), ("--oversubscribe", "--mca", "btl", "self,vader", "--mca", "plm", "isolated")
    for n in ("5", "4", "1"):
        fleet.call(mpi, "files.txt", "all%s.pb.zst" % n, n, *how)
        fleet.same("all%s.pb.zst" % n)
    fleet.shell("head -n 3 files.txt > three.txt; xargs profmerge -o want.pb.zst < three.txt")
    fleet.call(mpi, "three.txt", "three.pb.zst", "6", *how)
    fleet.same("three.pb.zst")
    fleet.leaves_old("old.pb.zst", mpi, "broken.txt", "old.pb.zst", "5", *how)


main(test)
