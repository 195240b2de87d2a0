#!/usr/bin/env python3
"""ci.py PROJECT - runs what samples/ci/github.yml and gitlab-ci.yml measure and compare, in the situations of CI.

GitHub and GitLab are played by their variables, the store is a folder; the steps are those of the files.
"""
import os
import re
import subprocess
import sys
import tempfile

import yaml

from gate import check, finish, output

PROJECT = os.path.abspath(sys.argv[1])
CI = os.path.join(PROJECT, "samples/ci")
BENCHMARK = "def f():\n    pass\n\nfor i in range(%d):\n    f()\n"


def text(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


class Github:
    def __init__(self):
        job = yaml.safe_load(text(CI + "/github.yml"))["jobs"]["perf"]
        steps = {step.get("name"): step for step in job["steps"]}
        self.installs = steps["Install what is needed"]["run"]
        self.scripts = [steps["Measure"]["run"], steps["Compare"]["run"]]
        self.variables = {**job["env"], **steps["Compare"]["env"]}

    def push(self, sha, _):
        return {"GITHUB_EVENT_NAME": "push", "GITHUB_REF": "refs/heads/main", "GITHUB_REF_NAME": "main", "GITHUB_SHA": sha}

    def change(self, sha, base):
        return {"GITHUB_EVENT_NAME": "pull_request", "GITHUB_REF": "refs/pull/7/merge", "GITHUB_REF_NAME": "7/merge",
                "GITHUB_HEAD_REF": "main", "GITHUB_SHA": sha, "PERF_BASE": base}

    def trusted(self, sha, base):
        """The event that runs a stranger's pull request beside main's secrets."""
        return {**self.push(sha, base), "GITHUB_EVENT_NAME": "pull_request_target", "GITHUB_HEAD_REF": "x"}


class Gitlab:
    def __init__(self):
        job = yaml.safe_load(text(CI + "/gitlab-ci.yml"))["perf"]
        self.installs = "\n".join(job["before_script"])
        self.scripts = job["script"]
        self.variables = job["variables"]

    def push(self, sha, _):
        return {"CI_COMMIT_BRANCH": "main", "CI_COMMIT_REF_NAME": "main", "CI_COMMIT_SHA": sha}

    def change(self, sha, base):
        return {"CI_COMMIT_REF_NAME": "main", "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME": "main", "CI_COMMIT_SHA": sha,
                "CI_MERGE_REQUEST_DIFF_BASE_SHA": base}

    def trusted(self, sha, _):
        """A tag that is called as the branch."""
        return {"CI_COMMIT_TAG": "main", "CI_COMMIT_REF_NAME": "main", "CI_COMMIT_SHA": sha}


class Repository:
    def __init__(self, folder):
        self.folder = folder
        self.env = {"PATH": os.environ["PATH"], "HOME": folder, "LC_ALL": "C.UTF-8", "GIT_CONFIG_NOSYSTEM": "1"}
        self.git("init", "-q", "-b", "main")

    def git(self, *words):
        return output(["git", "-c", "user.name=n", "-c", "user.email=n@localhost", *words], cwd=self.folder,
                      env=self.env).decode().strip()

    def commit(self, calls):
        with open(os.path.join(self.folder, "benchmark.py"), "w", encoding="utf-8") as f:
            f.write(BENCHMARK % calls)
        self.git("add", "benchmark.py")
        self.git("commit", "-q", "--allow-empty", "-m", "m")
        return self.git("rev-parse", "HEAD")


def job(system, repository, event):
    """The steps as a runner has them: a shell that stops at the first failure. Calls are counted: times vary."""
    env = {**repository.env, "PROFPIPE": PROJECT, "PERF_MAIN": "main", "PERF_STORE": "file:" + repository.folder + "/store",
           "PERF_FAIL_IF": "calls > +0\ncalls < +0", "GITHUB_STEP_SUMMARY": repository.folder + "/page.md", **event}
    return subprocess.run(["sh", "-ec", "\n".join(system.scripts)], cwd=repository.folder, env=env, text=True,
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=300, check=False)


def situations(system, folder):
    repository, name = Repository(folder), type(system).__name__
    store = os.path.join(folder, "store/perf")

    def kept():
        return sorted(f.split(".")[0] for f in os.listdir(store))

    first = repository.commit(10)
    got = job(system, repository, system.push(first, ""))
    check(got.returncode == 0 and "nothing to compare" in got.stdout and kept() == sorted([first, "main"]),
          name + ": main's first run is pushed", got)
    listed = output(["profarchive", "list", store + "/main.tar.zst", "branch=main", "commit=" + first]).decode()
    check(listed.count("\n") == 8, name + ": eight labelled runs: " + listed)
    when = repository.git("show", "-s", "--format=%cd", "--date=format-local:%Y-%m-%dT%H:%M:%SZ")
    check(listed.count(when) == 8, name + ": whose time is the commit's")
    got = job(system, repository, system.change(repository.commit(10), first))
    check(got.returncode == 0 and "comparing with " + first in got.stdout, name + ": a change that changes nothing", got)
    worse = repository.commit(11)
    for event in (system.change, system.trusted):
        got = job(system, repository, event(worse, first))
        check(got.returncode == 1 and "gate failed: calls > +0" in got.stdout, name + ": a change for the worse", got)
        check(kept() == sorted([first, "main"]), name + ": is not pushed, though its branch is called main")
    check("gate **failed**" in text(folder + "/page.md"), name + ": the page tells it")
    second = repository.commit(12)
    job(system, repository, system.push(second, ""))
    check(kept() == sorted([first, second, "main"]), name + ": main's next run is pushed")
    got = job(system, repository, system.change(repository.commit(12), "unknown"))
    check(got.returncode == 0 and "comparing with main" in got.stdout, name + ": a base without archive", got)


def words_of(system):
    """The packages that build profpipe, variables that the script knows, and clean shell."""
    name = type(system).__name__
    needed = re.search('build_packages="([^"]*)"', text(PROJECT + "/.ci/lib.sh"))[1].split()
    missing = set(needed) - set(system.installs.split()) - {"golang-go"}
    check(not missing, "%s: packages not installed: %s" % (name, missing))
    known = text(CI + "/perf-gate.sh")
    for variable in system.variables:
        check(variable.startswith("PROFPIPE") or "${%s:-" % variable in known, "%s: %s does nothing" % (name, variable))
    got = subprocess.run(["shellcheck", "-s", "sh", "-"], input="\n".join([system.installs, *system.scripts]), text=True,
                         capture_output=True, check=False)
    check(got.returncode == 0, name + ": shellcheck", got)


def main():
    for system in (Github(), Gitlab()):
        words_of(system)
        with tempfile.TemporaryDirectory() as folder:
            situations(system, folder)
    got = subprocess.run(["shellcheck", CI + "/perf-gate.sh"], text=True, capture_output=True, check=False)
    check(got.returncode == 0, "shellcheck", got)
    for variable in sorted(set(re.findall(r"\$\{((?:PERF|AWS)_\w+)", text(CI + "/perf-gate.sh")))):
        check("`%s`" % variable in text(CI + "/README.md"), variable + " is not in samples/ci/README.md")
    finish()


main()
