#!/usr/bin/env python3
"""slurm.py RECIPES - slurm.sbatch on a cluster of two nodes: slurmctld and two slurmd on loopback, and munge."""
import os
import socket

from fleet import RECIPES, check, free_port, main

CONF = """ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ctld}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={dir}/munge.sock
CredType=cred/munge
StateSaveLocation={dir}/state
SlurmdSpoolDir={dir}/spool-%n
SlurmctldPidFile={dir}/ctld.pid
SlurmdPidFile={dir}/slurmd-%n.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SwitchType=switch/none
MpiDefault=none
ReturnToService=2
SchedulerParameters=sched_interval=1,sched_min_interval=0,batch_sched_delay=0
NodeName=n1 NodeHostname={host} NodeAddr=127.0.0.1 Port={n1} CPUs=2 State=UNKNOWN
NodeName=n2 NodeHostname={host} NodeAddr=127.0.0.1 Port={n2} CPUs=2 State=UNKNOWN
PartitionName=all Nodes=n1,n2 Default=YES MaxTime=5 State=UP
"""


def start(fleet):
    ports = {name: free_port(21000 + 500 * i) for i, name in enumerate(("ctld", "n1", "n2"))}
    conf = fleet.write("slurm.conf", CONF.format(host=socket.gethostname().split(".")[0], dir=fleet.dir, **ports))
    fleet.env["SLURM_CONF"] = conf
    os.mkdir(fleet.path("state"))
    os.chmod(fleet.dir, 0o755)
    with open(fleet.path("munge.key"), "wb") as f:
        os.chmod(f.name, 0o400)
        f.write(os.urandom(1024))
    fleet.serve("munged", "--foreground", "--force", "--key-file=munge.key", "--socket=" + fleet.path("munge.sock"),
                "--pid-file=" + fleet.path("munge.pid"), "--log-file=" + fleet.path("munge.log"),
                "--seed-file=" + fleet.path("munge.seed"))
    fleet.ready("munged", lambda: fleet.asks("munge", "--no-input", "--socket=" + fleet.path("munge.sock")))
    fleet.serve("slurmctld", "-D", "-f", conf)
    for node in ("n1", "n2"):
        fleet.serve("slurmd", "-D", "-f", conf, "-N", node)
    fleet.ready("slurm", lambda: fleet.call("sinfo", "-h", "-o", "%T %D").stdout == b"idle 2\n")


def submit(fleet, listed, out):
    """The state that the job ends in, what it printed, and what Slurm knows of it."""
    job = fleet.call("sbatch", "--parsable", "-n", "3", "-N", "2", "-o", fleet.path("job.%j.log"),
                     os.path.join(RECIPES, "slurm.sbatch"), listed, out).stdout.decode().strip()
    known = {}

    def ended():
        shown = fleet.call("scontrol", "-o", "show", "job", job).stdout.decode()
        known.update(pair.split("=", 1) for pair in shown.split() if "=" in pair)
        return known["JobState"] not in ("PENDING", "CONFIGURING", "RUNNING", "COMPLETING")

    fleet.ready("job " + job, ended)
    with open(fleet.path("job.%s.log" % job)) as f:
        return known["JobState"], f.read(), known


def test(fleet):
    fleet.make(60)
    start(fleet)
    fleet.env["FLEET"] = RECIPES
    state, words, known = submit(fleet, "files.txt", "all.pb.zst")
    check(state == "COMPLETED" and not words, "%s\n%s" % (state, words))
    check(known["NodeList"] == "n[1-2]", "ran on %s" % known["NodeList"])
    fleet.same("all.pb.zst")

    fleet.breaks_list()
    fleet.write("old.pb.zst", "as before")
    state, words, _ = submit(fleet, "broken.txt", "old.pb.zst")
    check(state == "FAILED" and "broken.pb" in words, "%s\n%s" % (state, words))
    fleet.stays("old.pb.zst", "as before")


main(test)
