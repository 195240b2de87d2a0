#!/usr/bin/env python3
"""clickhouse.py RECIPES - the table over two ClickHouse servers: what is asked there is what profdiff says."""
import json
import os

from fleet import RECIPES, check, free_port, main, regressions, same_answer

SQL = os.path.join(RECIPES, "sql", "clickhouse")
CONFIG = """<yandex>
  <logger><level>warning</level><log>{dir}/{name}.log</log><errorlog>{dir}/{name}.err</errorlog></logger>
  <listen_host>127.0.0.1</listen_host>
  <http_port>{http}</http_port>
  <tcp_port>{tcp}</tcp_port>
  <interserver_http_port>{inter}</interserver_http_port>
  <interserver_http_host>127.0.0.1</interserver_http_host>
  <max_concurrent_queries>20</max_concurrent_queries>
  <mark_cache_size>268435456</mark_cache_size>
  <path>{dir}/{name}/</path>
  <tmp_path>{dir}/{name}/tmp/</tmp_path>
  <format_schema_path>{dir}/{name}/schemas/</format_schema_path>
  <users_config>{dir}/users.xml</users_config>
  <default_profile>default</default_profile>
  <default_database>default</default_database>
  <remote_servers><fleet>
    <shard><replica><host>127.0.0.1</host><port>{first}</port></replica></shard>
    <shard><replica><host>127.0.0.1</host><port>{second}</port></replica></shard>
  </fleet></remote_servers>
</yandex>
"""
USERS = """<yandex>
  <profiles><default><max_threads>2</max_threads><poll_interval>1</poll_interval></default></profiles>
  <users><default>
    <password></password><networks><ip>127.0.0.1</ip></networks><profile>default</profile><quota>default</quota>
  </default></users>
  <quotas><default></default></quotas>
</yandex>
"""


class Cluster:
    def __init__(self, fleet):
        self.fleet = fleet
        self.tcp = [free_port(24000), free_port(24500)]
        fleet.write("users.xml", USERS)
        for i, name in enumerate(("one", "two")):
            os.makedirs(fleet.path(name, "tmp"))
            os.makedirs(fleet.path(name, "schemas"))
            config = fleet.write(name + ".xml", CONFIG.format(
                dir=fleet.dir, name=name, tcp=self.tcp[i], http=free_port(25000 + 1000 * i),
                inter=free_port(25500 + 1000 * i), first=self.tcp[0], second=self.tcp[1]))
            fleet.serve("clickhouse-server", "--config-file=" + config)
        for port in self.tcp:
            fleet.ready("clickhouse", lambda: fleet.asks(*self.client(port), "--query", "SELECT 1"))

    @staticmethod
    def client(port):
        return "clickhouse-client", "--host", "127.0.0.1", "--port", str(port)

    def file(self, name, port, *changes):
        """What a file of SQL says; changes: expressions of sed."""
        sed = [word for change in changes for word in ("-e", change)] or ["p", "-n"]
        sql = self.fleet.call("sed", *sed, os.path.join(SQL, name)).stdout
        return self.fleet.call(*self.client(port), input=sql).stdout

    def ask(self, query, server=0):
        return self.fleet.call(*self.client(self.tcp[server]), "--query", query).stdout.decode().strip()


def test(fleet):
    fleet.make(200)
    cluster = Cluster(fleet)
    for name in ("rows.sql", "samples.sql"):
        for port in cluster.tcp:
            cluster.file(name, port)
    fleet.shell("pb2rows profiles/*.pb > rows.jsonl; %s --insert_distributed_sync=1 "
                "--query 'INSERT INTO samples FORMAT JSONEachRow' < rows.jsonl" % " ".join(cluster.client(cluster.tcp[0])))
    with open(fleet.path("rows.jsonl")) as f:
        rows = [json.loads(line) for line in f]
    here = [int(cluster.ask("SELECT count() FROM samples_here", i)) for i in (0, 1)]
    check(min(here) > 0 and sum(here) == len(rows), "%s rows, not %d" % (here, len(rows)))
    check(cluster.ask("SELECT sum(self), sum(cum), sum(total), sum(line), uniqExact(function) FROM samples").split() ==
          [str(sum(r[c] for r in rows)) for c in ("self", "cum", "total", "line")] + [str(len({r["function"] for r in rows}))],
          "the table is not what pb2rows wrote")

    want = regressions(fleet, "profiles/r1-*", "profiles/r2-*", "-s", "cpu")
    for port in cluster.tcp:  # whichever is asked
        answer = [json.loads(line) for line in cluster.file("regressions.sql", port).splitlines()]
        same_answer(answer, want, 20)
        check(answer[0]["function"] == "handler_2", "the worst is %s" % answer[0])

    # Another question, as the recipe puts it.
    want = regressions(fleet, "profiles/r2-*", "profiles/r1-*", "-s", "samples")
    other = cluster.file("regressions.sql", cluster.tcp[0], "s/'r1'/'was'/g; s/'r2'/'r1'/g; s/'was'/'r2'/g",
                         "s/'cpu'/'samples'/g")
    same_answer([json.loads(line) for line in other.splitlines()], want, 20)


main(test)
