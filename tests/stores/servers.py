"""servers.py - real stores on loopback: nginx with DAV, Debian's docker-registry, Ceph's radosgw over one mon and one OSD.

Each is a context manager: a free port, a folder of its own, readiness asked for until it is there, a clean stop.
"""
import base64
import contextlib
import os
import socket
import subprocess
import time
import uuid

READY, STOP, TRIES = 60, 30, 3
USER, PASSWORD = "ci", "right"
BCRYPT = "$2b$04$XNx4SQ14fga3XqRIq5hcE.6aT8fu97i8MdpRYsiJM9UnN9BUgAoCy"  # of PASSWORD


class Refused(Exception):
    """A server did not start."""


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def listens(port):
    with socket.socket() as s:
        return s.connect_ex(("127.0.0.1", port)) == 0


def write(path, text):
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)


def read(path):
    with open(path, encoding="utf-8", errors="replace") as f:
        return f.read()


def bound(words):
    """The command, to be ended with this process, however that ends."""
    return ["setpriv", "--pdeathsig", "KILL", *words]


class Daemon:
    def __init__(self, folder, name, words, env=None):
        self.name, self.log = name, os.path.join(folder, name + ".out")
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(bound(words), stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=folder,
                                            env=env)

    def wait_for(self, ready):
        until = time.monotonic() + READY
        while not ready():
            if self.process.poll() is not None or time.monotonic() > until:
                raise Refused("%s does not start: %s" % (self.name, read(self.log)[-2000:]))
            time.sleep(0.02)

    def stop(self):
        self.process.terminate()
        try:
            status = self.process.wait(STOP)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise Refused("%s does not stop when told to" % self.name) from None
        return status


class Server:
    """start() gives the daemons in the order of their start; stopped in the other one."""

    def __init__(self, folder):
        self.folder, self.port, self.daemons = folder, 0, []

    def __enter__(self):
        for left in reversed(range(TRIES)):
            self.port = free_port()
            os.makedirs(self.folder, exist_ok=True)
            try:
                self.start()
                return self
            except Refused:  # somebody else may have taken the port
                with contextlib.suppress(Refused):
                    self.stop()
                if not left:
                    raise
                os.rename(self.folder, "%s.%d" % (self.folder, left))

    def __exit__(self, *_):
        self.stop()

    def daemon(self, name, words, env=None):
        self.daemons.append(Daemon(self.folder, name, words, env))
        return self.daemons[-1]

    def stop(self):
        while self.daemons:
            self.daemons.pop().stop()
        if listens(self.port):
            raise Refused("port %d is still open" % self.port)


NGINX = """
daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log; lock_file {folder}/lock;
events {{ }}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  map $http_authorization $known {{ default 0; "Bearer {password}" 1; "Basic {basic}" 1; }}
  server {{
    listen 127.0.0.1:{port};
    root {folder}/www;
    client_max_body_size 100m;
    location / {{
      if ($known = 0) {{ return 401; }}
      dav_methods PUT; create_full_put_path on;
    }}
  }}
}}
"""


class Nginx(Server):
    def start(self):
        os.makedirs(self.folder + "/www")
        basic = base64.b64encode(("%s:%s" % (USER, PASSWORD)).encode()).decode()
        write(self.folder + "/nginx.conf",
              NGINX.format(folder=self.folder, port=self.port, password=PASSWORD, basic=basic))
        words = ["/usr/sbin/nginx", "-p", self.folder, "-e", "error.log", "-c", "nginx.conf"]
        self.daemon("nginx", words).wait_for(lambda: listens(self.port))


REGISTRY = """
version: 0.1
log: {{level: error, accesslog: {{disabled: true}}}}
storage: {{filesystem: {{rootdirectory: {folder}/www}}}}
http: {{addr: "127.0.0.1:{port}", secret: any}}
auth: {{htpasswd: {{realm: test, path: {folder}/htpasswd}}}}
"""


class Registry(Server):
    def start(self):
        write(self.folder + "/config.yml", REGISTRY.format(folder=self.folder, port=self.port))
        write(self.folder + "/htpasswd", "%s:%s\n" % (USER, BCRYPT))
        words = ["docker-registry", "serve", "config.yml"]
        env = {k: v for k, v in os.environ.items() if not k.startswith("REGISTRY_")}
        self.daemon("docker-registry", words, env).wait_for(lambda: listens(self.port))


# A cluster of one: everything in memory, nothing asks who anybody is but radosgw its clients. The intervals of
# paxos are short, as each of the pools that radosgw makes takes a few of them.
CEPH = """
[global]
fsid = {fsid}
mon host = [v2:127.0.0.1:{mon}]
public network = 127.0.0.0/8
auth cluster required = none
auth service required = none
auth client required = none
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pgp num = 1
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
osd objectstore = memstore
memstore device bytes = 268435456
mon allow pool size one = true
mon max pg per osd = 2000
mon data avail crit = 0
mon data avail warn = 0
paxos propose interval = 0.05
paxos min wait = 0.01
run dir = {folder}
crash dir = {folder}
admin socket =
log file = {folder}/$name.log
mon cluster log to file = false
mon data = {folder}/mon
osd data = {folder}/osd
keyring = {folder}/keyring
rgw data = {folder}/rgw
[osd]
public addr = 127.0.0.1
cluster addr = 127.0.0.1
[client]
ms mon client mode = crc
rgw frontends = beast endpoint=127.0.0.1:{port}
rgw run sync thread = false
rgw sts key = 0123456789abcdef
rgw s3 auth use sts = true
rgw enable gc threads = false
rgw enable lc threads = false
rgw enable quota threads = false
"""


class Ceph(Server):
    def tool(self, *words):
        got = subprocess.run(bound(words), cwd=self.folder, env=self.env, stdin=subprocess.DEVNULL,
                             capture_output=True, timeout=READY, check=False)
        if got.returncode:
            raise Refused("%s: %s" % (" ".join(words), got.stderr.decode(errors="replace")[-2000:]))

    def start(self):
        fsid, osd, mon = str(uuid.uuid4()), str(uuid.uuid4()), free_port()
        self.env = dict(os.environ, CEPH_CONF=self.folder + "/ceph.conf")
        write(self.env["CEPH_CONF"], CEPH.format(folder=self.folder, port=self.port, mon=mon, fsid=fsid))
        for name in ("mon", "osd", "rgw"):
            os.mkdir(os.path.join(self.folder, name))
        self.tool("monmaptool", "--create", "--fsid", fsid, "--addv", "a", "[v2:127.0.0.1:%d]" % mon, "monmap")
        self.tool("ceph-mon", "--mkfs", "-i", "a", "--monmap", "monmap")
        self.daemon("mon", ["ceph-mon", "-f", "-i", "a"], self.env).wait_for(lambda: listens(mon))
        self.tool("ceph-osd", "--mkfs", "--no-mon-config", "-i", "0", "--osd-uuid", osd)
        self.tool("ceph", "--connect-timeout", str(READY), "osd", "new", osd)
        self.daemon("osd", ["ceph-osd", "-f", "-i", "0"], self.env)
        gateway = self.daemon("radosgw", ["radosgw", "-f", "-n", "client.admin"], self.env)
        self.tool("radosgw-admin", "user", "create", "--uid", USER, "--display-name", USER, "--access-key", USER,
                  "--secret-key", PASSWORD)
        gateway.wait_for(lambda: listens(self.port))
