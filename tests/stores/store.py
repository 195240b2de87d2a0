#!/usr/bin/env python3
"""store.py http|oci|s3 PROJECT - samples/ci/perf-gate.sh against a real store: push, fetch, verify, compare, and no.

An answer of the store that is not the expected one is a fault: nothing here stands in for a server.
"""
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET

from gate import Gate, check, finish, output, recordings, watched
from servers import PASSWORD, USER, Ceph, Nginx, Registry

KIND, PROJECT = sys.argv[1], os.path.abspath(sys.argv[2])
SCRIPT = os.path.join(PROJECT, "samples/ci/perf-gate.sh")
SKOPEO = ["skopeo", "--insecure-policy", "copy", "-q"]
ANYTHING = b'{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sts:*","s3:*"],"Resource":["*"]}]}'


def flipped(data):
    """One bit of the middle is another one."""
    at = len(data) // 2
    return data[:at] + bytes([data[at] ^ 16]) + data[at + 1:]


def half(data):
    return data[:len(data) // 2]


class Http:
    server = Nginx
    refusals = ({"PERF_HEADER": "Authorization: Bearer wrong"}, {"PERF_HEADER": ""},
                {"PERF_HEADER": "", "PERF_USER": USER, "PERF_PASSWORD": "wrong"})
    accesses = ({}, {"PERF_HEADER": "", "PERF_USER": USER, "PERF_PASSWORD": PASSWORD})

    def __init__(self, server):
        self.root = server.folder + "/www/team/app/perf/"
        self.variables = {"PERF_STORE": "http://127.0.0.1:%d/team/app/" % server.port,
                          "PERF_HEADER": "Authorization: Bearer " + PASSWORD}

    def spoil(self, ref, change, _):
        path = self.root + ref + ".tar.zst"
        with open(path, "rb") as f:
            data = f.read()
        with open(path, "wb") as f:
            f.write(change(data))


class S3:
    server = Ceph

    def __init__(self, server):
        self.url = "http://127.0.0.1:%d" % server.port
        self.variables = {"PERF_STORE": "s3://profiles/team/app", "AWS_ENDPOINT_URL": self.url,
                          "AWS_ACCESS_KEY_ID": USER, "AWS_SECRET_ACCESS_KEY": PASSWORD}
        self.send("PUT", "/profiles", b"")
        server.tool("radosgw-admin", "caps", "add", "--uid", USER, "--caps", "user-policy=*")
        session = self.session()
        self.accesses = ({}, {"AWS_REGION": "eu-central-1"}, session)
        self.refusals = ({"AWS_SECRET_ACCESS_KEY": "wrong"}, {"AWS_ACCESS_KEY_ID": "nobody"},
                         dict(session, AWS_SECRET_ACCESS_KEY="wrong"), dict(session, AWS_SESSION_TOKEN=""))

    def send(self, method, path, data):
        words = ["curl", "-sSf", "--aws-sigv4", "aws:amz:us-east-1:s3", "--user", USER + ":" + PASSWORD, "-H",
                 "x-amz-content-sha256: " + hashlib.sha256(data).hexdigest(), "-X", method, "--data-binary", "@-",
                 self.url + path]
        return subprocess.run(words, input=data, capture_output=True, check=True, timeout=60).stdout.decode()

    def session(self):
        """A key for a quarter of an hour, as CI systems get them for a job."""
        self.send("POST", "/", b"Action=PutUserPolicy&PolicyName=any&PolicyDocument=" + ANYTHING + b"&UserName=" +
                  USER.encode())
        answer = self.send("POST", "/", b"Action=GetSessionToken&DurationSeconds=900&Version=2011-06-15")
        return {variable: re.search("<%s>(.*)</%s>" % (tag, tag), answer)[1]
                for variable, tag in (("AWS_ACCESS_KEY_ID", "AccessKeyId"), ("AWS_SESSION_TOKEN", "SessionToken"),
                                      ("AWS_SECRET_ACCESS_KEY", "SecretAccessKey"))}

    def spoil(self, ref, change, archive):
        self.send("PUT", "/profiles/team/app/perf/%s.tar.zst" % ref, change(archive))


class Oci:
    server = Registry
    refusals = ({"PERF_PASSWORD": "wrong"}, {"PERF_USER": ""})
    accesses = ({},)

    def __init__(self, server):
        self.layout, self.address = server.folder + "/spoilt/", "127.0.0.1:%d" % server.port
        self.variables = {"PERF_STORE": "oci://%s/team/app" % self.address, "PERF_USER": USER,
                          "PERF_PASSWORD": PASSWORD, "PERF_OCI_TLS": "false"}

    def spoil(self, ref, change, archive):
        """An image with that layer, sound as far as a registry can tell."""
        layer, kind = change(archive), "application/vnd.oci.image.manifest.v1+json"

        def put(name, data):
            path = self.layout + name
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as f:
                f.write(data)

        def blob(data):
            digest = hashlib.sha256(data).hexdigest()
            put("blobs/sha256/" + digest, data)
            return {"digest": "sha256:" + digest, "size": len(data)}

        manifest = {"schemaVersion": 2, "mediaType": kind,
                    "config": {"mediaType": "application/vnd.oci.empty.v1+json", **blob(b"{}")},
                    "layers": [{"mediaType": "application/vnd.profpipe.archive.v1.tar+zstd", **blob(layer)}]}
        named = blob(json.dumps(manifest, separators=(",", ":")).encode())
        put("index.json", json.dumps({"schemaVersion": 2, "manifests": [{"mediaType": kind, **named}]}).encode())
        put("oci-layout", b'{"imageLayoutVersion":"1.0.0"}')
        output([*SKOPEO, "--dest-tls-verify=false", "--dest-creds", USER + ":" + PASSWORD, "oci:" + self.layout,
                "docker://%s/team/app/perf:%s" % (self.address, ref)])


def no(got, words, what):
    """Status 2, and one line that holds the words."""
    check(got.returncode == 2 and got.stderr.count("\n") == 1 and words in got.stderr, what, got)


def first_run(gate, old):
    got = gate("fetch", "main", "x.tar.zst")
    check(got.returncode == 1 and got.stderr == "" and not os.path.exists(gate.path("x.tar.zst")), "an empty store", got)
    got = gate("run", *old, PERF_PUSH="yes", PERF_COMMIT="a1")
    check(got.returncode == 0 and "nothing to compare with" in got.stdout, "the first run", got)
    archive = gate.read("perf-out/new.tar.zst")
    for ref in ("main", "a1"):
        got = gate("fetch", ref, "x.tar.zst")
        check(got.returncode == 0 and gate.read("x.tar.zst") == archive, "fetching %s gives what was pushed" % ref, got)
    check(output(["profarchive", "cat", gate.path("x.tar.zst"), "commit=a1", "run=3"]) ==
          output(["profconv", old[2]]), "the profile comes back as it went")
    check(gate("fetch", "a2", "y.tar.zst").returncode == 1, "a commit that has no archive, in a store that has others")
    return archive


def compare(gate, same, slow):
    got = gate("run", *same, PERF_COMMIT="b1", PERF_BRANCH="feature")
    check(got.returncode == 0 and "comparing with main" in got.stdout and "8 runs" in got.stdout, "no change", got)
    got = gate("run", *slow, PERF_COMMIT="b2", PERF_BRANCH="feature", GITHUB_STEP_SUMMARY=gate.path("page.md"))
    check(got.returncode == 1 and "gate failed: time" in got.stdout, "a regression fails the gate", got)
    check(b"price" in gate.read("page.md") and b"**failed**" in gate.read("perf-out/summary.md"), "the summary tells it")
    failures = [case.get("name") for case in ET.fromstring(gate.read("perf-out/junit.xml")).iter("testcase")
                if case.find("failure") is not None]
    check(failures == ["price (shop.py:12)"], "JUnit names what got slower: %s" % failures)
    for commit in ("b1", "b2"):
        check(gate("fetch", commit, "y.tar.zst").returncode == 1, "what is not main's is not pushed")


def main_moves(gate, old, slow):
    got = gate("run", *slow, PERF_PUSH="yes", PERF_COMMIT="a2")
    check(got.returncode == 1 and "pushed" in got.stdout, "main is pushed, also when it got slower", got)
    slower = gate.read("perf-out/new.tar.zst")
    got = gate("run", *slow, PERF_COMMIT="b3")
    check(got.returncode == 0 and "comparing with main" in got.stdout, "and is what the next is compared with", got)
    got = gate("run", *slow, PERF_COMMIT="b3", PERF_BASE="a1")
    check(got.returncode == 1 and "comparing with a1" in got.stdout, "unless another commit is asked for", got)
    got = gate("run", *old, PERF_COMMIT="b3", PERF_BASE="none-such")
    check(got.returncode == 0 and "comparing with main" in got.stdout, "which may be missing", got)
    return slower


def access(gate, store, archive, old):
    with open(gate.path("old.tar.zst"), "wb") as f:
        f.write(archive)
    for wrong in store.refusals:
        no(gate("fetch", "main", "y.tar.zst", **wrong), "refused", "fetch refused with %s" % wrong)
        no(gate("push", "old.tar.zst", "main", **wrong), "refused", "push refused with %s" % wrong)
        no(gate("run", *old, PERF_COMMIT="b4", **wrong), "refused", "run refused with %s" % wrong)
    check(not os.path.exists(gate.path("y.tar.zst")), "nothing fetched")
    got = gate("fetch", "main", "y.tar.zst")
    check(got.returncode == 0 and gate.read("y.tar.zst") != archive, "nothing pushed", got)
    for right in store.accesses:
        check(gate("push", "old.tar.zst", "again", **right).returncode == 0 and
              gate("fetch", "again", "z.tar.zst", **right).returncode == 0 and gate.read("z.tar.zst") == archive,
              "pushed and fetched with %s" % right)


def broken(gate, store, archive, old):
    for change in (flipped, half):
        os.remove(gate.path("y.tar.zst"))
        store.spoil("main", change, archive)
        got = gate("fetch", "main", "y.tar.zst")
        check(got.returncode == 2 and "is broken" in got.stderr and not os.path.exists(gate.path("y.tar.zst")),
              "%s: told by fetch" % change.__name__, got)
        got = gate("run", *old, PERF_COMMIT="b5")
        check(got.returncode == 2 and "is broken" in got.stderr, "%s: told by run" % change.__name__, got)
        got = gate("run", *old, PERF_COMMIT="a3", PERF_PUSH="yes")
        check(got.returncode == 2 and "pushed" in got.stdout, "%s: main's next run mends it" % change.__name__, got)
        check(gate("fetch", "main", "y.tar.zst").returncode == 0, "%s: and it is mended" % change.__name__)
    with open(gate.path("half.tar.zst"), "wb") as f:
        f.write(half(archive))
    got = gate("push", "half.tar.zst", "main")
    check(got.returncode == 2 and "broken, and not pushed" in got.stderr, "nothing broken is pushed", got)


def s3_only(gate):
    no(gate("fetch", "main", "y", PERF_STORE="s3://other/app"), "NoSuchBucket", "a bucket that is not there")
    no(gate("fetch", "main", "y", AWS_ACCESS_KEY_ID=""), "are not set", "no key")


def oci_only(_):
    """The image can be unpacked by who is not root, who may not give files away."""
    with tempfile.TemporaryDirectory(prefix="profpipe") as folder:
        os.chmod(folder, 0o777)
        image = os.path.join(folder, "x.oci.tar")
        output(["profarchive", "add", "--format", "oci", "-o", image, "-", os.path.join(PROJECT, "samples/old.prof")])
        os.chmod(image, 0o644)
        drop = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if os.getuid() == 0 else []
        output([*drop, *SKOPEO, "oci-archive:" + image, "dir:%s/image" % folder], env={**os.environ, "HOME": folder})
        check(os.path.exists(folder + "/image/manifest.json"), "unpacked without being root")


def main():
    make = {"http": Http, "oci": Oci, "s3": S3}[KIND]
    with tempfile.TemporaryDirectory() as folder:
        old, same, slow = (recordings(os.path.join(folder, n), first, slower)
                           for n, first, slower in (("old", 0, 1), ("same", 100, 1), ("slow", 200, 1.5)))
        path = watched(folder + "/watched", ["curl", "skopeo"])
        with make.server(folder + "/server") as server:
            store = make(server)
            gate = Gate(SCRIPT, folder + "/job", **{**store.variables, "PATH": path, "PERF_BRANCH": "main"})
            archive = first_run(gate, old)
            compare(gate, same, slow)
            slower = main_moves(gate, old, slow)
            access(gate, store, archive, old)
            broken(gate, store, slower, old)
            {"http": lambda _: None, "oci": oci_only, "s3": s3_only}[KIND](gate)
        got = gate("fetch", "main", "y.tar.zst")
        no(got, "", "a server that is gone")
        with open(folder + "/watched/said", encoding="utf-8") as f:
            said = f.read()
            check("127.0.0.1" in said and PASSWORD not in said, "no secret is an argument")
    finish()


main()
