#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The filter in the kernel: what is connected to, in a namespace of its own,
is logged or not as the tables say, and as the text in START and RELOAD says
to a reader who has nothing else."""
import collections
import ipaddress
import os
import random
import signal
import subprocess
import sys

import lab
import rfc5424_strict

# Refused at once: nobody listens there.
CLIENT = """
import socket, sys
for line in sys.stdin:
    address, port = line.split()
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as s:
        s.settimeout(5)
        if s.connect_ex((address, int(port))) not in (111, 11):
            sys.exit(f"{address} port {port} did not refuse")
"""
# Nothing comes back.
WAITING = """
import socket, sys, time
with socket.socket() as s:
    s.setblocking(False)
    s.connect_ex((sys.argv[1], 80))
    time.sleep(4)
"""
# Is connected to each, until its input ends.
HOLDER = """
import resource, socket, sys
resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
kept, servers = [], {}
for line in iter(sys.stdin.readline, "go\\n"):
    address, port = line.split()
    if port not in servers:
        s = socket.socket(socket.AF_INET6)
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        s.bind(("::", int(port)))
        s.listen(500)
        servers[port] = s
    c = socket.create_connection((address, int(port)), 20)
    kept += [c, servers[port].accept()[0]]
print("made", flush=True)
sys.stdin.read()
"""
SENTINEL = "192.0.2.250"    # in every configuration, logged
ROUTES = ["192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/25"]
VOID = "203.0.113.129"
ROUTES6 = ["2001:db8::/32", "64:ff9b::/96"]
RANGES = "1-5,10-12,20,30-39,50,60-61,70-79,90,100-199,300,400-402,500,65535"

# name, exclude, include, the rest, {"address port": logged}
CONFIGURATIONS = [
    # pidtree-bcc's integration cases
    ("bcc", ["127.0.0.0/16", "127.100.0.0/16 except 31337",
             "127.101.0.0/16 only 31337"], ["127.1.0.0/16"],
     "  ports: [\"!41337\"]\n",
     {"127.1.33.7 31337": True, "127.1.33.7 41337": False,
      "127.0.0.1 41338": False, "127.100.33.7 31337": True,
      "127.100.33.7 31338": False, "127.101.33.7 31337": False,
      "127.101.33.7 31338": True}),
    # its reload case: on, off, on
    ("reload-off", ["127.1.33.7/32"], ["127.1.0.0/16"], "",
     {"127.1.33.7 31337": False, "127.1.33.8 31337": True}),
    ("reload-on", ["1.1.1.1/32"], ["127.1.0.0/16"], "",
     {"127.1.33.7 31337": True}),
    # its tables: the last port, more than eight ranges, overlaps
    ("ranges", [f"198.51.100.0/24 except {RANGES}"],
     [f"203.0.113.0/24 except {RANGES}"], "",
     {"198.51.100.1 65535": True, "198.51.100.1 65534": False,
      "198.51.100.1 402": True, "198.51.100.1 403": False,
      "198.51.100.1 1": True, "203.0.113.1 65535": False,
      "203.0.113.1 65534": True, "203.0.113.1 500": False}),
    ("overlap", ["198.51.100.128/25 except 80", "2001:db8:1::/48 only 443"],
     ["198.51.100.0/24", "2001:db8::/32 except 22"], "",
     {"198.51.100.1 81": True, "198.51.100.129 80": True,
      "198.51.100.129 81": False, "2001:db8::1 22": False,
      "2001:db8::1 443": True, "2001:db8:1::1 443": False,
      "2001:db8:1::1 22": True}),
    ("dress", [], ["198.51.100.0/24 only 80", "2001:db8::/64"], "",
     {"::ffff:198.51.100.1 80": True, "::ffff:198.51.100.1 81": False,
      "64:ff9b::198.51.100.1 80": True, "64:ff9b::198.51.100.1 81": False,
      "64:ff9b::203.0.113.1 80": False}),
    ("proxy", ["198.51.100.9 only 80"], ["198.51.100.0/24"],
     "  ports: [\"!3128\", \"!22\"]\n"
     "proxy: [198.51.100.7:3128, 198.51.100.9:80, 203.0.113.9:3128,\n"
     "  \"[2001:db8::9]:3128\"]\n",
     {"198.51.100.7 3128": True, "198.51.100.7 22": False,
      "198.51.100.7 23": True, "198.51.100.8 3128": False,
      "198.51.100.9 80": True, "198.51.100.9 81": True,
      "203.0.113.9 3128": True, "203.0.113.9 80": False,
      "2001:db8::9 3128": True, "2001:db8::9 80": False,
      "64:ff9b::203.0.113.9 3128": True}),
]


def yaml(exclude, include, more):
    def items(texts):
        return ", ".join(f'"{text}"' for text in texts)
    everything = ["0.0.0.0/0", "::/0"]
    return ("user: nobody\nmetadata: off\nstorm: off\nconnect:\n"
            f"  exclude: [{items(everything + exclude)}]\n"
            f"  include: [{items(include + [SENTINEL])}]\n{more}")


class Reader:
    """Decides by the text in START or RELOAD, as a person would."""

    def __init__(self, text):
        self.rules = {}
        for clause in text.split("; "):
            word, *rest = clause.split(" ")
            if word == "ports":
                self.ports = self.ranges(rest[0])
                continue
            for item in " ".join(rest).replace(" only ", "=").split(" "):
                prefix, _, ports = item.partition("=")
                if prefix:
                    self.rules[ipaddress.ip_network(prefix)] = (
                        word == "include", self.ranges(ports or "0-65535"))

    @staticmethod
    def ranges(text):
        pairs = [part.partition("-") for part in text.split(",")]
        return [range(int(low), int(high or low) + 1)
                for low, _, high in pairs]

    def logged(self, address, port):
        address = judged(address)
        best, log = -1, True
        for prefix, (include, ports) in self.rules.items():
            if prefix.version == address.version and address in prefix and \
                    prefix.prefixlen > best:
                best = prefix.prefixlen
                log = include == any(port in r for r in ports)
        return log and any(port in r for r in self.ports)


def judged(address):
    """IPv4 inside IPv6 as IPv4."""
    address = ipaddress.ip_address(address)
    if address.version == 6 and address.ipv4_mapped:
        return address.ipv4_mapped
    if address in ipaddress.ip_network("64:ff9b::/96"):
        return ipaddress.ip_address(int(address) & 0xffffffff)
    return address


def written(address):
    """As dst has it: only v4-mapped becomes IPv4."""
    address = ipaddress.ip_address(address)
    return str(getattr(address, "ipv4_mapped", None) or address)


def some(rng, n):
    """Addresses and ports that are near the edges of the rules."""
    hosts = [f"127.{b}.{c}.{d}" for b in (0, 1, 2, 100, 101)
             for c, d in ((33, 7), (33, 8), (0, 1))]
    hosts += [f"198.51.100.{d}" for d in (1, 7, 8, 9, 127, 128, 129)]
    hosts += [f"203.0.113.{d}" for d in (1, 9)]
    hosts += [f"64:ff9b::{host}" for host in hosts if host[0] != "1"]
    hosts += ["64:ff9b::198.51.100.7", "::ffff:198.51.100.128", "::1",
              "2001:db8::9", "2001:db8:0:1::1", "2001:db8:1::1",
              "2001:db8:2::1"]
    ports = [1, 5, 6, 22, 80, 199, 200, 443, 499, 500, 501, 3128, 8080,
             31337, 31338, 41337, 65534, 65535]
    return [(rng.choice(hosts), rng.choice(ports)) for _ in range(n)]


class Test:
    def __init__(self, undo):
        self.rng = random.Random(5)
        self.space = f"pidtree-{os.getpid()}-c"
        lab.Network.sweep()
        undo.callback(subprocess.run, ["ip", "netns", "del", self.space],
                      check=False, stderr=subprocess.DEVNULL)
        lab.run("ip", "netns", "add", self.space)
        self.netns = os.stat(f"/run/netns/{self.space}").st_ino
        lab.run("ip", "-n", self.space, "link", "set", "lo", "up")
        for prefix in ROUTES + ROUTES6:
            lab.run("ip", "-n", self.space, "route", "add", "local", prefix,
                    "dev", "lo")
        lab.run("ip", "-n", self.space, "link", "add", "void", "type", "veth",
                "peer", "name", "end")
        for end in ("void", "end"):
            lab.run("ip", "-n", self.space, "link", "set", end, "up")
        lab.run("ip", "-n", self.space, "address", "add", "203.0.113.130/25",
                "dev", "void")
        self.collector = lab.Collector(undo, lab.Directory(undo))
        self.collector.log.touch()

    def messages(self, *msgids):
        parsed = [rfc5424_strict.parse(line)
                  for line in self.collector.lines()]
        return [m for m in parsed if m.msgid in msgids]

    def load(self, text):
        """Makes it the configuration in force; the filter as the log says."""
        before = len(self.messages(b"START", b"RELOAD"))
        self.collector.conf.write_text(text)
        if self.collector.process is None:
            self.collector.start()
        else:
            self.collector.process.send_signal(signal.SIGHUP)
        if not lab.until(lambda: len(self.messages(b"START", b"RELOAD")) >
                         before, 20):
            raise RuntimeError("no START or RELOAD: " +
                               self.collector.trouble())
        event = self.messages(b"START", b"RELOAD")[-1].element(b"event")
        return event[b"filter"].decode()

    def events(self, pid):
        """Of this process of ours; a pid alone may be another's by now."""
        events = [m.element(b"event") for m in self.messages(b"CONNECT")]
        return [e for e in events if int(e[b"spid"]) == pid and
                int(e.get(b"netns", 0)) == self.netns]

    def connect(self, tuples):
        """What was logged of these, how often."""
        client = subprocess.Popen(
            ["ip", "netns", "exec", self.space, sys.executable, "-c", CLIENT],
            stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        port = self.rng.randrange(10000, 20000)
        _, trouble = client.communicate("".join(
            f"{address} {port}\n" for address, port in
            [*tuples, (SENTINEL, port)]), timeout=120)
        if client.returncode:
            raise RuntimeError(f"client: {trouble}")

        def ours():
            return collections.Counter((e[b"dst"].decode(), int(e[b"dpt"]))
                                       for e in self.events(client.pid))
        if not lab.until(lambda: ours()[(SENTINEL, port)], 20):
            raise RuntimeError("the last connection was not logged")
        seen = ours()
        del seen[(SENTINEL, port)]
        return seen

    def judge(self, text, table):
        """Everything that is wrong, one line each."""
        reader = Reader(self.load(text))
        wrong = []
        known = [(key.split()[0], int(key.split()[1])) for key in table]
        for (address, port), want in zip(known, table.values()):
            if reader.logged(address, port) != want:
                wrong.append(f"{address} port {port}: expected {want}, not so "
                             "by the text in the log")
        tuples = known + some(self.rng, 400)
        want = collections.Counter((written(address), port)
                                   for address, port in tuples
                                   if reader.logged(address, port))
        seen = self.connect(tuples)
        for key in sorted(set(want) | set(seen)):
            if want[key] != seen[key]:
                wrong.append(f"{key[0]} port {key[1]}: {want[key]} times "
                             f"expected, {seen[key]} times logged")
        return wrong


    def before(self):
        """The same tables for connections that are there when the collector
        starts."""
        known = [key for one in CONFIGURATIONS for key in one[4]]
        known += [f"{address} {port}" for address, port in some(self.rng, 200)]
        with subprocess.Popen(
                ["ip", "netns", "exec", self.space, sys.executable, "-c",
                 HOLDER], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                text=True) as holder:
            print("\n".join(sorted(set(known))) + "\ngo", file=holder.stdin,
                  flush=True)
            if holder.stdout.readline() != "made\n":
                raise RuntimeError("the connections could not be made")
            for name, exclude, include, more, _ in CONFIGURATIONS:
                yield name, self.told_before(
                    yaml(exclude, include, more), holder.pid,
                    [(key.split()[0], int(key.split()[1]))
                     for key in sorted(set(known))])

    def told_before(self, text, pid, tuples):
        """What is wrong of one start with these connections."""
        already = len(self.events(pid))
        self.collector.process = None
        reader = Reader(self.load(text))
        want = collections.Counter((written(address), port)
                                   for address, port in tuples
                                   if reader.logged(address, port))
        lab.until(lambda: len(self.events(pid)) - already >=
                  sum(want.values()), 20)
        self.collector.stop()
        told = self.events(pid)[already:]
        seen = collections.Counter((e[b"dst"].decode(), int(e[b"dpt"]))
                                   for e in told)
        wrong = [f"{key[0]} port {key[1]}: {want[key]} times expected, "
                 f"{seen[key]} times told" for key in sorted(set(want) |
                                                             set(seen))
                 if want[key] != seen[key]]
        return wrong + [f"no snapshot: {e}" for e in told
                        if e.get(b"snapshot") != b"1"]

    def hold(self, text):
        """hold of a reload: 1.5 s; the default is 5 s.  The collector looks
        every half second, and never tells later than promised."""
        self.load(text)
        client = subprocess.Popen(
            ["ip", "netns", "exec", self.space, sys.executable, "-c", WAITING,
             VOID])

        lab.until(lambda: self.events(client.pid), 4)
        client.wait(20)
        events = self.events(client.pid)
        if not events:
            return ["no message within 4 s"]
        outcome, waited = events[0][b"outcome"], int(events[0][b"waited"])
        if outcome != b"pending" or not 500 <= waited < 2500:
            return [f"{outcome.decode()} after {waited} ms"]
        return []


def report(name, wrong):
    for line in wrong[:20]:
        print(f"# {name}: {line}")
    print(f"{'FAIL' if wrong else 'PASS'}: filter/{name}")
    return bool(wrong)


def main():
    lab.need_root_and_btf()
    failed = False
    with lab.Undo() as undo:
        test = Test(undo)
        for name, exclude, include, more, table in CONFIGURATIONS:
            failed |= report(name, test.judge(yaml(exclude, include, more),
                                              table))
        failed |= report("hold", test.hold(
            yaml([], [VOID], "  hold: 1500ms\n")))
        status = test.collector.stop()
        if status:
            print(f"FAIL: filter: exit {status}\n{test.collector.trouble()}")
            failed = True
        for name, wrong in test.before():
            failed |= report(f"before-{name}", wrong)
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except lab.Skip as reason:
        print(f"SKIP: filter: {reason}")
        sys.exit(77)
