# SPDX-License-Identifier: BSD-2-Clause
"""usage: rules.py PIDTREE RULES: the starting set of rules on lines made for
it: what each is meant for, and what is only like it."""
import json
import re
import subprocess
import sys

from messages import CURL, NIGHTLY, SYSTEMD, Log

pidtree, files = sys.argv[1], sys.argv[2:]
META = "169.254.169.254"
failed = []


def line(comm, exe, user="root", uid=0, cmd="x"):
    return (comm, uid, user, exe, cmd)


APT = line("http", "/usr/lib/apt/methods/http", "_apt", 100)
DNF = line("dnf", "/usr/bin/python3.11")
SSM = line("ssm-agent-worke", "/usr/bin/ssm-agent-worker")
NGINX = line("nginx", "/usr/sbin/nginx", "www-data", 33)
SH = line("sh", "/usr/bin/dash", "www-data", 33, "sh -c id")
FETCH = line("curl", "/usr/bin/curl", "www-data", 33, "curl https://a/x")
BASH = line("bash", "/usr/bin/bash", "alice", 1000, "-bash")
RAW = line("bash", "/usr/bin/bash", "alice", 1000, "bash -i")
SSHD = line("sshd", "/usr/sbin/sshd", "alice", 1000)
SLEEP = line("job", "/home/alice/job", "alice", 1000)


def caller(*processes):
    return list(processes) + [SYSTEMD]


def elsewhere(exe):
    return caller(line("x", exe, "alice", 1000))


# What is to be found, by the rule's name; None: nothing.
CASES = [
    ("apt", caller(APT), {"dpt": 80}),
    ("apt", caller(APT), {"dpt": 443}),
    (None, caller(APT), {"dpt": 22}),
    (None, caller(line(*APT[0:1], APT[3], "alice", 1000)), {"dpt": 80}),
    (None, caller(APT), {"dpt": 80, "container": "ab12", "runtime": "docker"}),
    (None, caller(APT), {"dpt": 80, "userns": 4026532000}),
    ("dnf and zypper", caller(DNF), {"script": "/usr/bin/dnf"}),
    (None, caller(DNF), {"script": "/usr/bin/other"}),
    ("snapd", caller(line("snapd", "/usr/lib/snapd/snapd")), {}),
    ("firmware updates", caller(line("fwupd", "/usr/libexec/fwupd/fwupd")),
     {}),
    ("nts keys", caller(line("chronyd", "/usr/sbin/chronyd", "_chrony", 110)),
     {"dpt": 4460}),
    ("resolver", caller(line("unbound", "/usr/sbin/unbound", "unbound", 111)),
     {"dpt": 853}),
    (None, caller(line("unbound", "/usr/sbin/unbound", "unbound", 111)),
     {"dpt": 443}),
    ("monitoring agents", caller(line("telegraf", "/usr/bin/telegraf",
                                      "telegraf", 120)), {}),
    ("log shippers", caller(line("vector", "/usr/bin/vector", "vector", 121)),
     {}),
    ("cloud management agents", caller(SSM), {}),
    (None, caller(CURL, SSM), {}),
    ("metadata", caller(SSM), {"dst": META, "dpt": 8080}),
    ("metadata asked by others", caller(BASH), {"dst": META, "dpt": 80}),
    ("shell below a web server", caller(FETCH, SH, NGINX), {}),
    ("shell below a web server", caller(line("bash", "/usr/bin/bash"), NGINX),
     {"container": "ab12", "runtime": "docker"}),
    ("shell below a web server", caller(
        line("python3", "/usr/bin/python3.11"),
        line("php-fpm8.2", "/usr/sbin/php-fpm8.2")), {}),
    (None, caller(NGINX, NGINX, BASH), {}),
    (None, caller(FETCH, BASH), {}),
    ("program from nowhere", elsewhere("/tmp/x"), {}),
    ("program from nowhere", elsewhere("/dev/shm/.y"), {}),
    ("program from nowhere", elsewhere("/memfd:z (deleted)"), {}),
    ("program from nowhere", elsewhere("/home/a/b (deleted)"), {}),
    (None, elsewhere("/home/tmp/x"), {}),
    ("login session has ended", caller(SLEEP, BASH, SSHD),
     {"ses": 4, "gone": 2}),
    ("login session has ended", caller(SLEEP, SSHD), {"ses": 4, "gone": 1}),
    (None, caller(SLEEP, BASH, SSHD), {"ses": 4, "gone": 1}),
    (None, caller(SLEEP, BASH, SSHD), {"ses": 4}),
    ("raw shell and download", caller(FETCH, RAW, SSHD), {}),
    ("raw shell and download", caller(FETCH, line(
        "sh", "/usr/bin/dash", cmd="sh")), {}),
    (None, caller(FETCH, BASH, SSHD), {}),
    ("container left", caller(FETCH, BASH, SSHD), {"left": 1}),
    (None, NIGHTLY, {}),
]


def made(processes, more):
    """One line of a log; gone: the distance of who has exited; left: it is
    an ESCAPE."""
    more = dict(more)
    gone, left = more.pop("gone", None), more.pop("left", None)
    log = Log().connect(processes, unit=None, **more)
    text = log.lines[-1]
    if gone is not None:
        text = text.replace(f' exe{gone}="', f' state{gone}="exited" '
                            f'exe{gone}="')
    if left:
        text = re.sub(' (outcome|waited)="[^"]*"', "", text).replace(
            " CONNECT ", " ESCAPE ").replace(
            'act="connect"', 'act="escape" way="open" place="host"')
    return text + "\n"


def rules(*args, stdin=""):
    return subprocess.run([pidtree, "rules", *args], input=stdin, text=True,
                          capture_output=True, check=False)


seen = set()
for want, processes, more in CASES:
    run = rules("test", "--json", *files, stdin=made(processes, more))
    got = [json.loads(row) for row in run.stdout.splitlines()]
    true = [row["rule"] for row in got if row.get("messages") and
            "rule" in row]
    seen.update(true)
    if true != ([want] if want else []) or \
            run.returncode != (0 if want else 1):
        failed.append(f"{processes[0]} {more}: {true}, not {want}; exit "
                      f"{run.returncode} {run.stderr}")
udp = {"ntp"}
names = {row["rule"] for row in got if "rule" in row}
if names - udp != seen:
    failed.append(f"never true: {names - udp - seen}")

# What is left out, and what belongs to it; the first of a digest stays.
log = Log()
for n in range(5):
    log.connect(caller(APT), dpt=80).close(dpt=80).wait(60)
log.connect(NIGHTLY).close()
run = rules("test", "--json", *files, stdin=log.text())
total = json.loads(run.stdout.splitlines()[-1])
if (total["messages"], total["leftOut"], total["digests"]) != (12, 8, 1):
    failed.append(f"left out: {total}")
run = rules("test", "--lines", *files, stdin=log.text())
listed = [row for row in run.stdout.splitlines() if "input:" in row]
if [row.split(":")[1:] for row in listed] != [
        [str(2 * n + 1), " apt"] for n in range(5)]:
    failed.append(f"listed: {listed}")
if "left out: 8 messages" not in run.stdout:
    failed.append(run.stdout)
print("\n".join(failed))
sys.exit(1 if failed else 0)
