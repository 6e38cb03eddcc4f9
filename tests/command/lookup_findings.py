# SPDX-License-Identifier: BSD-2-Clause
"""usage: lookup_findings.py PIDTREE FINDINGS
Writes a log for each finding and each case, asks, and reads the answer."""
import datetime
import json
import os
import subprocess
import sys

PIDTREE, FINDINGS = sys.argv[1:]
MINUTE, HOUR = 60, 3600
EPOCH = datetime.datetime(1970, 1, 1)


def seconds(text):
    when = datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%S")
    return (when - EPOCH).total_seconds()


# What the finding asks: host, window, local address and port, remote ones.
ASKED = {
    "s3-outbound.jsonl": (
        "i-99999999", "2026-01-12T19:22:44", "2026-01-28T21:12:25",
        "10.0.0.23", 32794, "203.0.113.144", 5985),
    "event-outbound.json": (
        "i-0123456789abcdef0", "2026-02-22T18:41:17", "2026-02-22T18:42:17",
        "10.0.1.10", 49152, "203.0.113.10", 443),
    "event-pascal-scan.json": (
        "i-99999999", "2026-02-22T01:40:10", "2026-03-01T18:19:02",
        "10.0.0.23", 24844, "198.51.100.0", 797),
    "event-pascal-outbound.json": (
        "i-99999999", "2026-02-22T01:40:10", "2026-03-01T14:38:47",
        "10.0.0.23", 39677, "198.51.100.0", 80),
    "kinds.jsonl": (
        "i-0aaaabbbbccccdddd", "2026-02-01T10:00:00", "2026-02-01T10:30:00",
        "10.1.9.9", 40000, "198.51.100.7", 3333),
}
XMRIG = [(4711, "/tmp/xmrig"), (4700, "/bin/sh"),
         (900, "/usr/bin/containerd-shim"), (1, "/usr/lib/systemd/systemd")]


class Log:
    """Messages of one collector, numbered in the order of their times."""

    def __init__(self, hostid, addresses="192.0.2.1",
                 exclude="10.0.0.0/8", line=XMRIG):
        self.hostid, self.addresses = hostid, addresses
        self.line, self.messages = line, []
        self.says = ('filter="ports 0-65535; exclude %s; include '
                     '192.0.2.99/32" filterHash="2c26b46b68ffc68f" '
                     'probes="fork exec exit connect pass"' % exclude)

    def add(self, when, msgid, event, ancestry=""):
        self.messages.append((when, msgid, event, ancestry))

    def frame(self, first, last):
        self.add(first - 48 * HOUR, "START", 'version="0.1.0" abi="1" '
                 'target="x" cause="start" ' + self.says)
        self.add(first - 48 * HOUR + 1, "HOST", 'cause="start" '
                 'fqdn="web-7.example.net" addresses="%s" forwarding="0"'
                 % self.addresses)
        self.add(first - HOUR, "STATS", self.says)
        self.add(last + 26 * HOUR, "STATS", self.says)

    def connect(self, when, src, spt, dst, dpt):
        pid, exe = self.line[0]
        above = " ".join(
            'spid%d="%d" sproc%d="x" suid%d="0" exe%d="%s"'
            % (i, p, i, i, i, e)
            for i, (p, e) in enumerate(self.line) if i > 0)
        self.add(when, "CONNECT", 'act="connect" outcome="established" '
                 'proto="TCP" src="%s" spt="%d" dst="%s" dpt="%d" '
                 'spid="%d" sproc="x" suid="33" suser="www-data" exe="%s" '
                 'pkey="%d:1" externalId="5c1f2e90aa11bb22-0-%d"'
                 % (src, spt, dst, dpt, pid, exe, pid, when),
                 '[ancestry@32473 depth="%d" %s]' % (len(self.line), above))

    def write(self, path):
        with open(path, "w") as out:
            for i, m in enumerate(sorted(self.messages)):
                when = EPOCH + datetime.timedelta(seconds=m[0])
                out.write('<86>1 %s.000000Z web-7 pidtreed 712 %s [meta '
                          'sequenceId="%d"][host@32473 id="%s" '
                          'boot="5c1f2e90"][event@32473 %s]%s text\n'
                          % (when.strftime("%Y-%m-%dT%H:%M:%S"), m[1], i + 1,
                             self.hostid, m[2], m[3]))


def cases(host, first, last, src, spt, dst, dpt):
    """Name, the log, the connection in it, the match, the exit status."""
    it = (src, spt, dst, dpt)
    yield "in the window", Log(host), (last - MINUTE, *it), "exact", 0
    yield "14 min before", Log(host), (first - 14 * MINUTE, *it), "exact", 0
    yield "14 min after", Log(host), (last + 14 * MINUTE, *it), "exact", 0
    yield ("host by its address", Log("0a1b2c3d", "192.0.2.1 " + src),
           (last - MINUTE, *it), "exact", 0)
    yield ("another local port", Log(host),
           (last - MINUTE, src, spt + 1, dst, dpt), "port", 0)
    yield ("another remote port", Log(host),
           (last - MINUTE, src, spt, dst, dpt + 1), "address", 0)
    yield ("3 h before", Log(host), (first - 3 * HOUR, *it),
           "open-before", 0)
    yield "1 h after", Log(host), (last + HOUR, *it), "none", 1
    yield "never", Log(host), None, "none", 1
    yield ("of another instance with this address",
           Log("i-0fffffffffffffff0", src), (last - MINUTE, *it), "none", 3)
    yield ("the filter excludes it", Log(host, exclude=dst + "/32"), None,
           "none", 3)


def ask(finding, log):
    run = subprocess.run([PIDTREE, "lookup", "--json", "--log", log, finding],
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                         universal_newlines=True)
    return run.returncode, json.loads(run.stdout), run.stderr


def one(name):
    """A file with nothing but the first finding of that file."""
    path = os.path.join(FINDINGS, name)
    if not name.endswith(".jsonl"):
        return path
    with open(path) as f, open("finding.json", "w") as out:
        out.write(f.readline())
    return "finding.json"


def check(what, got, want):
    if got == want:
        return 0
    print("%s: %s, expected %s" % (what, got, want))
    return 1


def every_finding():
    bad = 0
    for name, (host, first, last, *rest) in ASKED.items():
        first, last = seconds(first), seconds(last)
        for case, log, connection, match, status in cases(
                host, first, last, *rest):
            log.frame(first, last)
            if connection is not None:
                log.connect(*connection)
            log.write("log")
            code, answer, err = ask(one(name), "log")
            bad += check("%s, %s" % (name, case),
                         (answer["match"], code, err), (match, status, ""))
    return bad


def runtime_lineage():
    """What AWS's agent saw, beside what we have."""
    host, first, last, *it = ASKED["kinds.jsonl"]
    first, last = seconds(first), seconds(last)
    bad = 0
    for line, same, other, absent in (
            (XMRIG, 3, 0, 0),
            ([(4711, "/tmp/xmrig"), (4700, "/bin/dash"), (1, "/x")], 1, 1, 1),
            ([(55, "/tmp/xmrig"), (1, "/x")], 0, 0, 3)):
        log = Log(host, line=line)
        log.frame(first, last)
        log.connect(first, *it)
        log.write("log")
        answer = ask(one("kinds.jsonl"), "log")[1]
        bad += check("processes of %s" % line,
                     answer["lineages"][0]["finding_processes"],
                     {"same": same, "other_executable": other,
                      "absent": absent})
        bad += check("processes of the finding",
                     [p["pid"] for p in answer["finding"]["processes"]],
                     [4711, 4700, 900])
    return bad


sys.exit(1 if every_finding() + runtime_lineage() else 0)
