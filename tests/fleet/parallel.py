#!/usr/bin/env python3
"""parallel.py RECIPES - parallel.sh over two hosts, which are two sshd on loopback, and here."""
import getpass
import os

from fleet import RECIPES, check, free_port, main

SSHD = """Port {port}
ListenAddress 127.0.0.1
HostKey {dir}/host_key
AuthorizedKeysFile {dir}/key.pub
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
PermitRootLogin prohibit-password
MaxStartups 100
SetEnv PATH={path} HOME={dir} HOST_IS={name}
"""
SSH = """Host {name}
    Port {port}
    HostName 127.0.0.1
    User {user}
    IdentityFile {dir}/key
    IdentitiesOnly yes
    UserKnownHostsFile {dir}/known_hosts
    StrictHostKeyChecking no
    LogLevel ERROR
"""


def start(fleet):
    """Hosts red and blue, as ssh.conf knows them."""
    for key in ("host_key", "key"):
        fleet.call("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key)
    if os.getuid() == 0:
        os.makedirs("/run/sshd", exist_ok=True)  # where sshd locks up what it does before a login
    conf = ""
    for i, name in enumerate(("red", "blue")):
        port, know = free_port(22500 + 500 * i), dict(dir=fleet.dir, name=name, user=getpass.getuser())
        sshd = fleet.write(name + ".conf", SSHD.format(port=port, path=fleet.env["PATH"], **know))
        fleet.serve("sshd", "-D", "-e", "-f", sshd)
        fleet.listens(port)
        conf += SSH.format(port=port, **know)
    fleet.write("ssh.conf", conf)


def test(fleet):
    fleet.make(300)
    start(fleet)
    recipe, ssh = os.path.join(RECIPES, "parallel.sh"), ("--ssh", "ssh -F " + fleet.path("ssh.conf"))
    fleet.call(recipe, "shared.pb.zst", "--list", "files.txt", *ssh, "-S", "2/red,2/blue,1/:", "--joblog", "jobs.txt")
    fleet.same("shared.pb.zst")
    with open(fleet.path("jobs.txt")) as f:
        hosts = {line.split("\t")[1] for line in f.readlines()[1:]}
    check(hosts >= {"red", "blue"}, "only %s did anything" % hosts)

    # Each host has files of its own.
    fleet.shell("mkdir red blue; mv profiles/r1-* red; mv profiles/r2-* blue")
    fleet.call(recipe, "own.pb.zst", "--each", "profmerge %s/$HOST_IS/*.pb" % fleet.dir, *ssh, "-S", "2/red,2/blue")
    fleet.same("own.pb.zst")

    fleet.shell("mv red/* blue/* profiles")
    fleet.leaves_old("old.pb.zst", recipe, "old.pb.zst", "--list", "broken.txt", *ssh, "-S", "2/red,2/blue")
    fleet.write("old.pb.zst", "as before")
    # Even if the other host delivers.
    fleet.call(recipe, "old.pb.zst", "--each", "test $HOST_IS = red && cat %s" % fleet.path("want.pb.zst"), *ssh,
               "-S", "2/red,2/blue", "--halt", "never", fails=True)
    fleet.stays("old.pb.zst", "as before")


main(test)
