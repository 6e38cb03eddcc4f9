#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Who asks for which name: glibc's resolver, dig, a resolver of our own and a
local one (dnsmasq) against a server in the other namespace; the names of what
is connected to; packets that are none; floods."""
import os
import re
import shutil
import signal
import subprocess
import sys
import time

import compare
import lab
import lookup

SERVER, SERVER6, LOCAL = "203.0.113.254", "2001:db8:1::fe", "127.0.0.1"
NOBODY = "203.0.113.1"              # a black hole
A, TXT, AAAA = "1", "16", "28"
ZONE = f"""
no-resolv
no-hosts
bind-interfaces
user=root
pid-file
cache-size=0
max-cache-ttl=0
listen-address={SERVER},{SERVER6}
local=/test/
host-record=www.one.test,198.51.100.1,2001:db8:5::1
host-record=same.one.test,198.51.100.9
host-record=same.two.test,198.51.100.9
host-record=target.one.test,198.51.100.3
cname=alias.one.test,target.one.test
address=/wild.test/198.51.100.7
""" + "".join(f'txt-record=big.one.test,"{"x" * 240}{n}"\n'
              for n in range(20))
CACHE = f"""
no-resolv
no-hosts
bind-interfaces
user=root
pid-file
cache-size=0
listen-address={LOCAL}
server={SERVER}
"""


class Test:
    prefix = "dns"

    def __init__(self, undo):
        self.undo = undo
        self.network = lab.Network(undo)
        self.directory = lab.Directory(undo)
        self.collector = lab.Collector(undo, self.directory, "storm: 60\n")
        self.netns = str(os.stat(self.network.path).st_ino).encode()
        self.ask = lab.program("tests/system/ask")
        self.failed = False
        self.running = {}

    def resolver(self, name, text, namespace):
        """A dnsmasq of our own; its process id."""
        conf = self.directory / f"{name}.conf"
        conf.write_text(text)
        process = subprocess.Popen(
            ["ip", "netns", "exec", namespace, "dnsmasq", "-k", "-C",
             str(conf), "--log-facility=-"], stderr=subprocess.PIPE)
        self.undo.callback(lab.stop, process)
        for line in process.stderr:
            if b"started" in line or b"cache" in line:
                break
        return process.pid

    def client(self, *words, nameserver=None, **more):
        """Starts it in the client's namespace; the process keeps its id."""
        script = 'exec "$@"'
        if nameserver:
            conf = self.directory / f"resolv.{nameserver}"
            conf.write_text(f"nameserver {nameserver}\n")
            script = f"mount --bind {conf} /etc/resolv.conf && {script}"
        process = subprocess.Popen(
            ["ip", "netns", "exec", self.network.client, "sh", "-c", script,
             "sh", *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            text=True, **more)
        self.undo.callback(lab.stop, process)
        return process

    def asks(self, *words, **more):
        """Runs to its end; (process id, what it printed)."""
        process = self.client(*words, **more)
        out = process.communicate(timeout=120)[0]
        return process.pid, out

    def lines(self):
        return [line for line in map(compare.Line,
                                     self.collector.lines())
                if line.event.get("netns") == self.netns]

    def of(self, pid, msgid="DNS", **fields):
        want = {key: value.encode() for key, value in fields.items()}
        return [line for line in self.lines() if line.id == msgid and
                line.event.get("spid") == str(pid).encode() and
                all(line.event.get(k) == v for k, v in want.items())]

    def await_one(self, pid, msgid="DNS", **fields):
        """The one message of this process with these fields, or None."""
        lab.until(lambda: self.of(pid, msgid, **fields), 20)
        found = self.of(pid, msgid, **fields)
        return found[0] if len(found) == 1 else None

    def report(self, name, wrong):
        for line in wrong[:20]:
            print(f"# {name}: {line}")
        print(f"{'FAIL' if wrong else 'PASS'}: {self.prefix}/{name}",
              flush=True)
        self.failed |= bool(wrong)

    def differs(self, what, line, **fields):
        """What is not in the message as it should be."""
        if line is None:
            return [f"{what}: not there, or not once"]
        wrong = []
        for key, value in fields.items():
            got = line.event.get(key, b"").decode()
            if got != value:
                wrong.append(f"{what}: {key}: {got!r}, not {value!r}")
        parent = line.generations().get(1, {}).get("spid", b"")
        if parent != str(os.getpid()).encode():
            wrong.append(f"{what}: the parent is {parent}")
        return wrong

    def clients(self):
        """Every resolver, transport and family; as all are of one lineage,
        each its own name."""
        rows = [
            ("getent", ("getent", "ahostsv4", "www.one.test"), SERVER,
             dict(query="www.one.test", qtype="A", rcode="NOERROR",
                  answers="198.51.100.1", dst=SERVER, proto="UDP")),
            ("getent6", ("getent", "ahostsv6", "www.one.test"), SERVER6,
             dict(query="www.one.test", qtype="AAAA", rcode="NOERROR",
                  answers="2001:db8:5::1", dst=SERVER6, proto="UDP")),
            ("alias", ("getent", "ahostsv4", "Alias.one.test"), SERVER,
             dict(query="alias.one.test", answers="198.51.100.3")),
            ("dig", ("dig", "+short", f"@{SERVER}", "www.one.test"), None,
             dict(query="www.one.test", answers="198.51.100.1",
                  sproc="dig")),
            ("dig-tcp", ("dig", "+tcp", f"@{SERVER6}", "www.one.test",
                         "AAAA"), None,
             dict(query="www.one.test", answers="2001:db8:5::1",
                  proto="TCP", dst=SERVER6)),
            ("none", ("dig", f"@{SERVER}", "none.one.test"), None,
             dict(query="none.one.test", rcode="NXDOMAIN",
                  outcome="answered", answers="")),
            ("refused", ("dig", f"@{SERVER}", "example.org"), None,
             dict(query="example.org", rcode="REFUSED")),
            ("unanswered", ("dig", "+tries=1", "+timeout=1", f"@{NOBODY}",
                            "away.one.test"), None,
             dict(query="away.one.test", outcome="unanswered", rcode="",
                  answers="")),
        ]
        for how in "udp", "connected", "tcp", "split":
            for server, name in (SERVER, f"{how}.wild.test"), \
                    (SERVER6, f"{how}6.wild.test"):
                rows.append((
                    name, (self.ask, f"{how},{server},{name},{A}"), None,
                    dict(query=name, qtype="A", dst=server,
                         answers="198.51.100.7", sproc="ask",
                         proto="UDP" if how in ("udp", "connected")
                         else "TCP")))
        for name, words, nameserver, fields in rows:
            pid, _ = self.asks(*words, nameserver=nameserver)
            line = self.await_one(pid, query=fields["query"])
            self.report(name, self.differs(name, line, act="ask",
                                           dpt="53", **fields))

    def truncated(self):
        """Cut over UDP, asked for again by TCP: one message, the whole."""
        pid, out = self.asks("dig", "+noedns", "+short", f"@{SERVER}",
                             "big.one.test", "TXT")
        line = self.await_one(pid)
        wrong = self.differs("cut", line, query="big.one.test", qtype="TXT",
                             rcode="NOERROR", proto="UDP")
        if len(out.splitlines()) != 20:
            wrong.append(f"dig did not get it: {out[:200]}")
        self.report("truncated", wrong)

    def local(self):
        """The asker is who asked the local resolver, whose own question is
        marked."""
        pid = self.resolver("cache", CACHE, self.network.client)
        first, _ = self.asks(self.ask, f"udp,{LOCAL},a.wild.test,{A}")
        child, _ = self.asks(self.ask, f"udp,{LOCAL},b.wild.test,{A}")
        wrong = []
        for who, name in (first, "a.wild.test"), (child, "b.wild.test"):
            wrong += self.differs(
                name, self.await_one(who), query=name, dst=LOCAL,
                resolver="", answers="198.51.100.7")
            wrong += self.differs(
                f"{name} upstream", self.await_one(pid, query=name),
                dst=SERVER, resolver="1", sproc="dnsmasq")
        self.report("local-resolver", wrong)

    def names(self):
        """The name behind an address: by whom it was asked for."""
        wrong = []
        one = self.client(self.ask, f"udp,{SERVER},same.one.test,{A}", "wait",
                          "connect,198.51.100.9,1000",
                          "send,198.51.100.9,1001")
        two = self.client(self.ask, f"tcp,{SERVER},same.two.test,{A}", "wait",
                          "connect,198.51.100.9,1002")
        for process in one, two:
            process.stdout.readline()
        time.sleep(0.1)
        for process in one, two:
            process.communicate("go\n", timeout=60)
        for process, name, msgid, port in (
                (one, "same.one.test", "CONNECT", "1000"),
                (one, "same.one.test", "UDP", "1001"),
                (two, "same.two.test", "CONNECT", "1002")):
            wrong += self.differs(
                f"{name} {port}", self.await_one(process.pid, msgid,
                                                 dpt=port),
                dhost=name, dhostsource="dns")
        pid, _ = self.asks(self.ask, f"udp,{SERVER},alias.one.test,{A}",
                           f"connected,{SERVER},www.one.test,{AAAA}", "fork",
                           "connect,198.51.100.3,1003",
                           "connect,2001:db8:5::1,1004",
                           "connect,198.51.100.99,1005")
        for port, name, source in (("1003", "alias.one.test", "dns-host"),
                                   ("1004", "www.one.test", "dns-host"),
                                   ("1005", "", "")):
            lab.until(lambda p=port: self.by_parent(pid, p), 20)
            found = self.by_parent(pid, port)
            if len(found) != 1 or \
                    found[0].event.get("dhost", b"").decode() != name or \
                    found[0].event.get("dhostsource", b"").decode() != source:
                wrong.append(f"{port}: {[x.event for x in found]}, not "
                             f"{name} by {source}")
        self.report("dhost", wrong)

    def by_parent(self, pid, port):
        return [line for line in self.lines() if line.id == "CONNECT" and
                line.event["dpt"] == port.encode() and
                line.generations().get(1, {}).get("spid") ==
                str(pid).encode()]

    def hostile(self):
        """What is no question makes no message, and does no harm."""
        name = "03777777" + "036f6e65" + "0474657374" + "00"
        head = "123401000001000000000000"
        packets = ["00", head, head + "c00c00010001", head + name,
                   head + "3f" + "41" * 20, "ff" * 100,
                   "123481800001000000000000" + name + "00010001",
                   "123401000002000000000000" + name + "00010001" * 2,
                   head + "3f" + "41" * 63 + "3f" + "42" * 63 + "3f" +
                   "43" * 63 + "3f" + "44" * 63 + "0000010001"]
        pid, _ = self.asks(
            self.ask, *[f"raw,{SERVER},{hex}" for hex in packets],
            f"raw,{SERVER},{head}0A5D220D0A1B5C2E00FF200000010001")
        line = self.await_one(pid)
        self.report("hostile", self.differs(
            "bytes in a name", line,
            query=r"]\x22\x0d\x0a\x1b\x5c\x2e\x00\xff\x20"))

    def counted(self):
        """The first question of an hour, then a number; many names, too."""
        pid, out = self.asks(self.ask, f"many,{SERVER},c.wild.test,50",
                             f"flood,{SERVER},f.wild.test,20000",
                             *["connect,198.51.100.7,1010"] * 50)
        self.collector.stop()
        wrong = self.differs("first", self.await_one(
            pid, query="c.wild.test"), answers="198.51.100.7")
        wrong += self.differs("others", self.await_one(
            pid, "DIGEST", query="c.wild.test"), act="ask", cnt="49")
        flood = self.of(pid)
        many = [line for line in self.of(pid, "DIGEST")
                if "query" not in line.event and
                line.event.get("act") == b"ask"]
        told = sum(int(line.event["cnt"]) for line in many) + len(flood)
        if told != 20001 or not 1 <= len(flood) <= 200:
            wrong.append(f"flood: {told} of 20,001 told, {len(flood)} one "
                         "by one")
        conn = self.of(pid, "CONNECT")
        more = sum(int(line.event["cnt"]) for line in self.of(pid, "DIGEST")
                   if line.event.get("act") == b"connect")
        if len(conn) + more != 50 or "done flood" not in out:
            wrong.append(f"connections: {len(conn)} and {more}, not 50")
        self.report("flood", wrong)
        self.lost()

    def lost(self):
        wrong = []
        for line in map(compare.Line, self.collector.lines()):
            if line.id == "STOP":
                for key in "dns_full", "attempts_full", "sink_dropped":
                    if line.event.get(key) != b"0":
                        wrong.append(f"{key}: {line.event.get(key)}")
        self.report("nothing-lost", wrong)

    def off(self):
        """dns: off says nothing, and knows no names."""
        self.collector.conf.write_text(
            self.collector.conf.read_text() + "dns: off\n")
        self.collector.start()
        pid, _ = self.asks(self.ask, f"udp,{SERVER},off.wild.test,{A}",
                           "connect,198.51.100.7,1020")
        line = self.await_one(pid, "CONNECT", dpt="1020")
        wrong = self.differs("off", line, dhost="")
        wrong += self.on_again()
        self.collector.stop()
        if self.of(pid):
            wrong.append("there is a message DNS")
        self.report("off", wrong)

    def on_again(self):
        """What takes a privilege that only the start has is named, and no
        question is told as one that nobody answered."""
        conf, before = self.collector.conf, len(self.collector.lines())
        conf.write_text(conf.read_text().replace("dns: off", "dns: on"))
        self.collector.process.send_signal(signal.SIGHUP)
        lab.until(lambda: any(b" RELOAD [" in line for line in
                              self.collector.lines()[before:]), 20)
        pid, _ = self.asks(self.ask, f"udp,{SERVER},late.wild.test,{A}",
                           "connect,198.51.100.7,1021")
        self.await_one(pid, "CONNECT", dpt="1021")
        event = [line.event for line in map(compare.Line,
                 self.collector.lines()) if line.id == "RELOAD"][-1]
        wrong = [f"refused: {event.get('refused')}"] if not re.search(
            b"dns-in: CAP_NET_ADMIN is needed.*restart",
            event.get("refused", b"")) else []
        return wrong + ["a question after the reload"] * len(self.of(pid))


def dns_finding(when, name):
    """GuardDuty's of a request for this name."""
    one = lookup.finding(("192.0.2.1", 1), when)
    one["type"] = "Trojan:EC2/DGADomainRequest.B"
    one["service"]["action"] = {
        "actionType": "DNS_REQUEST", "dnsRequestAction": {
            "domain": name, "protocol": "UDP", "blocked": False}}
    return one


def answers(test, undo):
    """From a finding about a name to the shell below a web server that asked
    for it, and what it connected to; a name that nobody asked for."""
    bad = lookup.Failures()
    directory = lab.Directory(undo)
    recording = lookup.Recording(undo, directory, "x-names",
                                 "198.51.100.7/32")
    recording.start()
    script = ("setpriv --reuid=33 --regid=33 --clear-groups /srv/sbin/webd "
              f"-c '/bin/sh -c \"/srv/bin/push udp,{SERVER},c2.wild.test,{A} "
              "connect,198.51.100.7,1030; :\"; :'")
    subprocess.run(["ip", "netns", "exec", test.network.client, "sh", "-ec",
                    lookup.PLACE + script, test.ask], cwd="/", check=True,
                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                   timeout=60)
    lookup.await_message(recording, ("198.51.100.7", 1030))
    recording.stop()
    lines = recording.collector.lines()
    asked = [line for line in lines if b' query="c2.wild.test"' in line]
    logs = lookup.write_logs(directory / "logs", [], lines)
    when = lookup.seconds(asked[0])
    lookup.every_shape(
        bad, "asked for", logs, dns_finding(when, "C2.wild.test"), 0,
        "match: exact; 1 question of 1 lineage, 1 connection to the name on "
        "web-7", r"www-data\(33\) asked 203.0.113.254:53/udp for "
        "c2.wild.test A: NOERROR 198.51.100.7", "/srv/sbin/webd",
        "/srv/bin/push", "then connected to that name: "
        "198.51.100.7:1030 ", r"seen before\? no, new on this host",
        "coverage: complete")
    lookup.every_shape(
        bad, "not asked for", logs, dns_finding(when, "c3.wild.test"), 1,
        "match: none: nobody asked for it in the window",
        "coverage: complete")
    logs = lookup.write_logs(directory / "lost", [],
                             lookup.without(lines, asked))
    lookup.every_shape(
        bad, "lost", logs, dns_finding(when, "c2.wild.test"), 0,
        "match: dhost; 1 connection of 1 lineage", "coverage: not complete")
    test.report("finding", list(bad))


def main():
    try:
        lab.need_root_and_btf()
        for tool in "dnsmasq", "dig", "getent":
            if not shutil.which(tool):
                raise lab.Skip(f"needs {tool}")
        with lab.Undo() as undo:
            test = Test(undo)
            test.collector.start()
            test.resolver("zone", ZONE, test.network.server)
            test.clients()
            test.truncated()
            test.local()
            test.names()
            test.hostile()
            test.counted()
            test.off()
            if lookup.forwards():
                print("SKIP: dns/finding: this machine forwards packets")
            else:
                answers(test, undo)
            if test.failed:
                print(f"# the collector said:\n{test.collector.trouble()}")
            return test.failed
    except lab.Skip as reason:
        print(f"SKIP: dns: {reason}")
        return 77


if __name__ == "__main__":
    sys.exit(main())
