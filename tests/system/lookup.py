#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""From a finding to the answer: real connections, a real collector, and
findings written for them in each shape that GuardDuty's have.

Three scenarios: (a) a nightly job under cron, known for many nights; (b) a
shell below a web server's process, first seen today, its parent gone; (c)
nothing, and the log proves it.  Then each again with the collector stopped
in the window, an event lost, a filter that excludes the address, and a host
that is not in the logs: nothing, and the one line why.

The nights before are messages that the collector wrote for the same job in
this test, with all times moved back by whole days: nobody can wait for them.
"""
import datetime
import gzip
import json
import re
import subprocess
import sys
import time

import lab

HOST, HOST_ADDRESS = "i-0f0e0d0c0b0a09080", "10.0.3.17"
# No other test has these; the collector logs no others.
NET, NEXT_NET = "198.51.100.144/28", "198.51.100.160/28"
JOB, SHELL = ("198.51.100.151", 1021), ("198.51.100.152", 1022)
NOBODY, LOGIN = ("198.51.100.153", 1023), ("198.51.100.154", 1024)
NIGHTS = 21
SLACK = "2s"
AROUND = 3      # seconds of a collector before and after what is looked for
CONF = f"host:\n  id: {HOST}\n  name: web-7\n"
TIME = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3,6}Z")

# In a mount namespace of its own, so that the paths are those of a machine.
PLACE = """mount -t tmpfs none /srv && mkdir -p /srv/bin /srv/sbin &&
cp /bin/dash /srv/sbin/cron && cp /bin/dash /srv/sbin/webd &&
cp /bin/dash /srv/sbin/sshd && cp "$0" /srv/bin/push && exec """


class Failures(list):
    def check(self, good, what):
        if not good:
            self.append(what)
            print(f"failed: {what}")


def in_client(network, script, dst):
    """Runs it in the client's namespaces; waits for all that it made."""
    done = subprocess.run(
        ["ip", "netns", "exec", network.client, "sh", "-ec", PLACE + script,
         lab.program("tests/system/load")],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, cwd="/",
        stderr=subprocess.STDOUT, check=False, timeout=30,
        env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LOAD_CASE": "lookup",
             "LOAD_FACTS": "/dev/null",
             "LOAD": f"connect=block,{dst[0]},{dst[1]}"})
    if done.returncode:
        raise RuntimeError(done.stdout.decode(errors="replace"))


def nightly_job(network):
    in_client(network, "/srv/sbin/cron -c '/bin/sh -c \"/srv/bin/push "
              "--to vault; :\"; :'", JOB)


def web_shell(network):
    """The shell that the server started has ended when its child connects."""
    in_client(network, "setpriv --reuid=33 --regid=33 --clear-groups "
              "/srv/sbin/webd -c '/bin/sh -c \"(sleep 0.5; /srv/bin/push "
              "-x) & exit\"; sleep 0.2; :'", SHELL)


def login(network):
    in_client(network, "setpriv --reuid=1 --regid=1 --clear-groups "
              "/srv/sbin/sshd -c '/bin/sh -c \"/srv/bin/push; :\"; :'", LOGIN)


def now():
    return datetime.datetime.now(datetime.timezone.utc)


class Recording:
    """One run of a collector: what happens in it, and its lines."""

    def __init__(self, undo, directory, name, net=NET):
        place = directory / name
        place.mkdir()
        self.collector = lab.Collector(undo, place, CONF)
        self.collector.instance += name[:1]
        conf = self.collector.conf
        conf.write_text(re.sub(r"include: .*", f"include: [{net}]",
                               conf.read_text()))

    def start(self):
        self.collector.start()
        time.sleep(AROUND)

    def stop(self):
        time.sleep(AROUND)
        self.collector.stop()

    def of(self, dst):
        """The messages about this destination."""
        what = f' dst="{dst[0]}" dpt="{dst[1]}"'.encode()
        return [line for line in self.collector.lines() if what in line]


def await_message(recording, dst):
    if not lab.until(lambda: recording.of(dst), 10):
        raise RuntimeError(f"no message about {dst[0]}:{dst[1]}")


def moved(line, days):
    """The message as another day's collector would have written it."""
    def back(match):
        text = match[0].decode()
        when = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
        when -= datetime.timedelta(days=days)
        digits = len(text.split(".")[1]) - 1
        return (when.strftime("%Y-%m-%dT%H:%M:%S.%f")[:20 + digits]
                + "Z").encode()
    line = TIME.sub(back, line)
    line = re.sub(rb' pidtreed (\d+) ',
                  lambda m: b" pidtreed %d " % (int(m[1]) + 100000 * days),
                  line, count=1)
    return re.sub(rb'externalId="', b'externalId="n%d-' % days, line)


def write_logs(directory, nights, lines):
    """A log as it is after rotation; the newest is plain."""
    directory.mkdir()
    with gzip.open(directory / "pidtreed.log.1.gz", "wb") as old:
        for days in range(NIGHTS, 0, -1):
            old.writelines(moved(line, days) + b"\n" for line in nights)
    (directory / "pidtreed.log").write_bytes(b"".join(
        line + b"\n" for line in lines))
    return directory


# Findings

def finding(dst, when, spt=None, host=HOST, address=HOST_ADDRESS):
    """As EventBridge has its detail: camelCase."""
    stamp = when.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    action = {"connectionDirection": "OUTBOUND", "protocol": "TCP",
              "blocked": False,
              "localPortDetails": {"port": spt or 40000,
                                   "portName": "Unknown"},
              "remoteIpDetails": {"ipAddressV4": dst[0]},
              "remotePortDetails": {"port": dst[1], "portName": "Unknown"}}
    return {
        "schemaVersion": "2.0", "accountId": "123456789012",
        "region": "eu-central-1", "partition": "aws", "id": 16 * "ab",
        "type": "Backdoor:EC2/C&CActivity.B", "severity": 8,
        "title": "traffic to a known server", "createdAt": stamp,
        "updatedAt": stamp, "description": "one",
        "resource": {"resourceType": "Instance", "instanceDetails": {
            "instanceId": host, "networkInterfaces": [
                {"privateIpAddress": address, "ipv6Addresses": []}]}},
        "service": {"serviceName": "guardduty", "count": 1,
                    "resourceRole": "ACTOR", "eventFirstSeen": stamp,
                    "eventLastSeen": stamp,
                    "action": {"actionType": "NETWORK_CONNECTION",
                               "networkConnectionAction": action}}}


def pascal(value):
    """The letter case of get-findings."""
    if isinstance(value, dict):
        return {key[0].upper() + key[1:]: pascal(one)
                for key, one in value.items()}
    return value if not isinstance(value, list) else [
        pascal(one) for one in value]


def event(detail):
    return {"version": "0", "id": "28e463cd", "source": "aws.guardduty",
            "detail-type": "GuardDuty Finding", "account": "123456789012",
            "time": "2026-11-22T10:00:00Z", "region": "eu-central-1",
            "resources": [], "detail": detail}


SHAPES = {
    "get-findings": lambda f: json.dumps({"Findings": [pascal(f)]}, indent=4),
    "eventbridge": lambda f: json.dumps(event(f), indent=2),
    "eventbridge-pascal": lambda f: json.dumps(event(pascal(f)), indent=4),
    "s3-line": lambda f: json.dumps(f, separators=(",", ":")) + "\n",
    "bare": json.dumps,
}


def seconds(line):
    return datetime.datetime.fromisoformat(
        line.split(b" ")[1].decode().replace("Z", "+00:00"))


def port(line):
    return int(re.search(rb' spt="(\d+)"', line)[1])


# Asking

class Asked:
    """pidtree lookup on a terminal of 80 columns; its answer, its status."""

    def __init__(self, logs, text, *options):
        path = logs.parent / "finding.json"
        path.write_text(text)
        words = [str(lab.BUILD / "src/pidtree"), "lookup", "--color=never",
                 f"--log={logs}", f"--slack={SLACK}", *options, str(path)]
        done = subprocess.run(
            [sys.executable, str(lab.HERE.parent / "command/on-terminal"),
             "80", *words], stdout=subprocess.PIPE, timeout=60, check=False,
            stderr=subprocess.PIPE,
            env={"PATH": "/usr/bin:/bin", "TERM": "xterm",
                 "LC_ALL": "C.UTF-8"})
        if not done.stdout:
            raise RuntimeError(f"no answer: {done.stderr}")
        self.code = done.returncode
        self.text = done.stdout.decode()
        self.lines = self.text.splitlines()
        # of a paragraph that was broken
        self.flat = re.sub(r"\s+", " ", self.text)


def fits(asked):
    return len(asked.lines) <= 24 and max(map(len, asked.lines)) <= 80


def found(bad, name, asked, *patterns):
    judge(bad, name, asked, 0, "match: exact; 1 connection of 1 lineage",
          "coverage: complete", *patterns)


def judge(bad, name, asked, code, *patterns):
    bad.check(asked.code == code, f"{name}: exit {asked.code}, not {code}")
    bad.check(fits(asked), f"{name}: more than 80 x 24")
    for pattern in patterns:
        bad.check(re.search(pattern, asked.flat), f"{name}: no {pattern}")
    bad.check(not re.search("benign|false positive", asked.text, re.I),
              f"{name}: it judges")
    bad.check("\x1b" not in asked.text, f"{name}: an escape")


def every_shape(bad, name, logs, one, code, *patterns):
    """The same answer from each; the first is shown."""
    texts = set()
    for shape, write in SHAPES.items():
        asked = Asked(logs, write(one))
        judge(bad, f"{name}/{shape}", asked, code, *patterns)
        texts.add(asked.text)
    bad.check(len(texts) == 1, f"{name}: the shapes differ:\n"
              + "\n".join(texts))
    print(f"--- {name}: exit {code}")
    print(texts.pop(), end="")


def proven(bad, logs, recording):
    """The three scenarios."""
    job, shell = recording.of(JOB)[0], recording.of(SHELL)[0]
    every_shape(
        bad, "a", logs, finding(JOB, seconds(job), port(job)), 0,
        "match: exact; 1 connection of 1 lineage", "coverage: complete",
        "/srv/sbin/cron", "/srv/bin/push",
        rf"seen before\? this lineage to this destination {NIGHTS} times "
        "since ")
    every_shape(
        bad, "b", logs, finding(SHELL, seconds(shell), port(shell)), 0,
        "match: exact; 1 connection of 1 lineage", "coverage: complete",
        r"\[exited.*/bin/dash", r"/srv/sbin/webd", r"www-data\(33\)",
        r"seen before\? no, new on this host and in these logs")
    every_shape(
        bad, "c", logs, finding(NOBODY, seconds(job)), 1,
        "match: none", "coverage: complete")


def without(lines, gone):
    return [line for line in lines if line not in gone]


def lost(bad, directory, nights, recording):
    """Each again, and the event's line is not in the log."""
    job, shell = recording.of(JOB)[0], recording.of(SHELL)[0]
    lines = recording.collector.lines()
    for name, dst, gone in (("a", JOB, job), ("b", SHELL, shell),
                            ("c", NOBODY, job)):
        logs = write_logs(directory / f"lost-{name}", nights,
                          without(lines, [gone]))
        asked = Asked(logs, SHAPES["s3-line"](
            finding(dst, seconds(gone), port(gone))))
        judge(bad, f"{name}: event lost", asked, 3, "match: none",
              "this proves nothing: 1 message is missing: sequenceId ")


def unknown_host(bad, logs, recording):
    for name, dst in (("a", JOB), ("b", SHELL), ("c", NOBODY)):
        one = finding(dst, seconds(recording.of(JOB)[0]),
                      host="i-0aaaaaaaaaaaaaaaa", address="10.9.9.9")
        judge(bad, f"{name}: host unknown",
              Asked(logs, SHAPES["eventbridge"](one)), 3, "match: none",
              "this proves nothing: this host is not in these logs")


def not_recorded(bad, directory, nights, name, recording, when, *patterns):
    """Each again, with a log that cannot have it."""
    logs = write_logs(directory / f"without-{name}", nights,
                      recording.collector.lines())
    for scenario, dst in (("a", JOB), ("b", SHELL), ("c", NOBODY)):
        asked = Asked(logs, SHAPES["get-findings"](finding(dst, when)))
        judge(bad, f"{scenario}: {name}", asked, 3, "match: none", *patterns)
        print(f"--- {scenario}: {name}: exit {asked.code}")
        print(asked.lines[-2], asked.lines[-1], sep="\n")


def greppable(bad, directory, recording):
    """What people grep for, on the day's lines of what this test started, and
    how many lines it finds: one for each connection."""
    own = [line for line in recording.collector.lines()
           if b' exe="/srv/bin/push"' in line]
    log = directory / "own.log"
    log.write_bytes(b"".join(line + b"\n" for line in own))
    for what, wanted in (
            (LOGIN[0], 1), (f'dst="{LOGIN[0]}"', 1), (f'dpt="{LOGIN[1]}"', 1),
            (f"{LOGIN[0]}:{LOGIN[1]}", 1), (f" -> {SHELL[0]}:", 1),
            ('suser="www-data"', 1), ('suser="daemon"', 1),
            (' exe="/srv/bin/push"', 3), ('="/usr/bin/dash"', 3),
            ('exe2="/srv/sbin/cron"', 1), ('exe2="/srv/sbin/webd"', 1),
            ('exe2="/srv/sbin/sshd"', 1), ("<sshd(", 1), ("<webd(", 1),
            ("<cron(", 1), ('state1="exited"', 1), (" CONNECT [", 3),
            (' outcome="established"', 3), (f'id="{HOST}"', 3)):
        done = subprocess.run(["grep", "-cF", "-e", what, str(log)],
                              stdout=subprocess.PIPE, check=False)
        got = int(done.stdout)
        bad.check(got == wanted, f"grep -F {what}: {got}, not {wanted}")
    for line in own:
        bad.check(not re.search(rb"[\x00-\x1f\x7f]", line),
                  f"a control character: {line}")


def record_night(undo, directory, network):
    night = Recording(undo, directory, "night")
    night.start()
    nightly_job(network)
    await_message(night, JOB)
    night.stop()
    return night.collector.lines()


def record_today(undo, directory, network):
    today = Recording(undo, directory, "today")
    today.start()
    nightly_job(network)
    await_message(today, JOB)
    web_shell(network)
    await_message(today, SHELL)
    login(network)
    await_message(today, LOGIN)
    today.stop()
    return today


def record_stopped(undo, directory, network):
    """Both happen while no collector runs."""
    stopped = Recording(undo, directory, "stopped")
    stopped.start()
    stopped.stop()
    time.sleep(AROUND)
    when = now()
    nightly_job(network)
    web_shell(network)
    time.sleep(AROUND)
    stopped.start()
    stopped.stop()
    return stopped, when


def record_excluded(undo, directory, network):
    """Both happen under a filter that excludes their addresses."""
    excluded = Recording(undo, directory, "excluded", NEXT_NET)
    excluded.start()
    when = now()
    nightly_job(network)
    web_shell(network)
    excluded.stop()
    return excluded, when


def forwards():
    """Then a host's log proves nothing, and this test has nothing to show."""
    for name in ("ipv4/ip_forward", "ipv6/conf/all/forwarding"):
        with open(f"/proc/sys/net/{name}", encoding="ascii") as stream:
            if stream.read().strip() != "0":
                return True
    return False


def main():
    lab.need_root_and_btf()
    if forwards():
        raise lab.Skip("this machine forwards packets for others")
    bad = Failures()
    with lab.Undo() as undo:
        directory = lab.Directory(undo)
        network = lab.Network(undo)
        nights = record_night(undo, directory, network)
        today = record_today(undo, directory, network)
        logs = write_logs(directory / "logs", nights, today.collector.lines())
        proven(bad, logs, today)
        greppable(bad, directory, today)
        unknown_host(bad, logs, today)
        lost(bad, directory, nights, today)
        recording, when = record_stopped(undo, directory, network)
        not_recorded(bad, directory, nights, "collector stopped", recording,
                     when, "this proves nothing: no collector ran on web-7 "
                     "from ")
        recording, when = record_excluded(undo, directory, network)
        not_recorded(bad, directory, nights, "filter excludes it", recording,
                     when, "this proves nothing: the filter of web-7 did not "
                     "log 198.51.100.15")
    return 1 if bad else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except lab.Skip as reason:
        print(f"SKIP: {reason}")
        sys.exit(77)
