#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Rules that the kernel decides: random sets and random connections; what is
logged, and what each rule dropped, is as it is said here, in the order of the
rules, and some of it the kernel has left out; but nothing when nobody is
there to be told."""
import collections
import ipaddress
import os
import pathlib
import random
import signal
import socket
import struct
import subprocess
import sys
import time

import compare
import lab

NETS = ["198.51.100.0/24", "198.51.100.0/28", "198.51.100.7/32", "0.0.0.0/0",
        "::/0", "2001:db8:5::/48", "2001:db8:5::1/128", "2001:db8:5:1::/64"]
TARGETS = ["198.51.100.7", "198.51.100.9", "198.51.100.200", "2001:db8:5::1",
           "2001:db8:5:1::1", "64:ff9b::198.51.100.7"]
NAT64 = ipaddress.ip_network("64:ff9b::/96")
PORTS = [lab.PORTS[0] + n for n in range(5)]
LAST = lab.PORTS[0] + 40        # no rule's
LEASE = 3                       # seconds; src/leaveout.h
UIDS = [61234, 61235, 61236, 61237]     # nobody else's
EACH = 25
SETS = 6


def cgroup2():
    """Where the whole hierarchy is mounted, or None."""
    for line in pathlib.Path("/proc/self/mountinfo").read_text().splitlines():
        words = line.split()
        if " - cgroup2 " in line and words[3] == "/":
            return pathlib.Path(words[4])
    return None


class Rule:
    """Conditions that are joined with `and`; those that are None are not
    there."""

    def __init__(self, name, action, cgroup=None, **more):
        self.name, self.action, self.cgroup = name, action, cgroup
        self.nets, self.ports = more.get("nets"), more.get("ports")
        self.uid, self.comm = more.get("uid"), more.get("comm")

    @classmethod
    def random(cls, name, cgroup):
        return cls(
            name, random.choice(["drop"] * 6 + ["tag", "raise"]),
            nets=random.choice([None, random.sample(NETS, 1),
                                random.sample(NETS, 2)]),
            ports=random.choice([None, random.sample(PORTS, 1),
                                 random.sample(PORTS, 2), [PORTS[-1]]]),
            uid=random.choice([None, *UIDS]),
            comm=random.choice([None, None, None, "early", "other"]),
            cgroup=cgroup if cgroup and random.random() < 0.2 else None)

    def text(self):
        words = []
        if self.nets:
            words.append(f"dst in ({', '.join(self.nets)})")
        if self.ports:
            words.append(f"dpt in ({', '.join(map(str, self.ports))})")
        else:
            words.append(f"dpt < {LAST}")
        if self.uid is not None:
            words.append(f"suid = {self.uid}")
        else:
            words.append(f"suid in ({UIDS[0]}-{UIDS[-1]})")
        if self.comm:
            words.append(f"sproc = {self.comm}")
        if self.cgroup:
            words.append(f"cgroup = {self.cgroup}")
        return (f"- {{name: {self.name}, action: {self.action}, "
                f"where: '{' and '.join(words)}'}}\n")

    def true(self, uid, target, port, cgroup):
        address = ipaddress.ip_address(target)
        both = [address]
        if address.version == 6 and address in NAT64:
            both.append(ipaddress.ip_address(int(address) & 0xffffffff))
        return port != LAST and \
            (not self.nets or any(
                one in ipaddress.ip_network(net) for one in both
                for net in self.nets)) and \
            (not self.ports or port in self.ports) and \
            self.uid in (None, uid) and self.comm in (None, "early") and \
            self.cgroup in (None, cgroup)


def decide(rules, *event):
    """The rule that decides, or None; one that tags only if no other does."""
    mine = [rule for rule in rules if rule.true(*event)]
    return next((rule for rule in mine if rule.action != "tag"),
                mine[0] if mine else None)


def connect_all(words):
    """What a child does, in the namespace: as this user."""
    uid = int(words[0])
    pathlib.Path("/proc/self/comm").write_text("early")
    os.setgroups([])
    os.setgid(uid)
    os.setuid(uid)
    for word in words[1:]:
        target, port = word.split(",")
        family = socket.AF_INET6 if ":" in target else socket.AF_INET
        with socket.socket(family) as s:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                         struct.pack("ii", 1, 0))
            s.connect((target, int(port)))


def connect(network, uid, cgroup, targets):
    def join():
        if cgroup:
            (cgroup / "cgroup.procs").write_text("0")
    subprocess.run(["ip", "netns", "exec", network.client, sys.executable,
                    __file__, "connect", str(uid),
                    *(f"{target},{port}" for target, port in targets)],
                   check=True, timeout=120, preexec_fn=join)


def own_group(undo):
    """A control group: its path in the hierarchy and its directory."""
    root = cgroup2()
    if root is None:
        return None, None
    path = root / f"pidtree-early-{os.getpid()}"
    try:
        path.mkdir()
    except OSError:
        return None, None

    def remove():
        # The children have left, but for what of them is not reaped yet.
        lab.until(lambda: not (path / "cgroup.procs").read_text(), 10)
        path.rmdir()
    undo.callback(remove)
    return f"/{path.name}", path


class Round:
    """One set of rules, and connections under it."""

    def __init__(self, number, cgroup):
        self.rules = [Rule.random(f"s{number}r{n}", cgroup)
                      for n in range(random.randint(1, 6))]
        if number == 0:         # each kind once, for certain
            self.rules = [
                Rule("kernel", "drop", nets=["198.51.100.0/28"]),
                Rule("user", "drop", ports=[PORTS[1]], comm="early"),
                Rule("raised", "raise", ports=[PORTS[2]], comm="early"),
                Rule("behind", "drop", nets=["2001:db8:5::/48"],
                     ports=[PORTS[0], PORTS[2], PORTS[3]])]
            if cgroup:
                self.rules.insert(0, Rule("group", "drop", cgroup=cgroup,
                                          ports=[PORTS[4]]))

    def write(self, directory):
        folder = directory / "rules.d"
        folder.mkdir(exist_ok=True)
        new = folder / "new"
        new.write_text("".join(rule.text() for rule in self.rules))
        new.rename(folder / "a.yaml")

    def run(self, network, cgroup, path, want):
        for uid in UIDS:
            for where, name in ((path, cgroup), (None, None)):
                targets = [(random.choice(TARGETS), random.choice(PORTS))
                           for _ in range(EACH)]
                connect(network, uid, where, targets)
                for target, port in targets:
                    want.add(decide(self.rules, uid, target, port, name),
                             uid, target, port)


class Want:
    def __init__(self):
        self.logged, self.dropped = collections.Counter(), \
            collections.Counter()

    def add(self, rule, uid, target, port):
        if rule and rule.action == "drop":
            self.dropped[rule.name] += 1
        else:
            address = ipaddress.ip_address(target)
            self.logged[address, port, uid, rule.name if rule else ""] += 1


def seen(lines, netns):
    """As Want has it."""
    got = Want()
    for line in lines:
        if line.id in ("RELOAD", "STATS", "STOP"):
            for word in line.event.get("drops", b"").decode().split("; "):
                name, _, count = word.partition("=")
                if count and int(count):
                    got.dropped[name] += int(count)
        elif line.id == "CONNECT" and line.event.get("netns") == netns and \
                line.event["dpt"] != str(LAST).encode():
            event = line.event
            got.logged[ipaddress.ip_address(event["dst"].decode()),
                       int(event["dpt"]), int(event["suid"]),
                       event.get("rule", b"").decode()] += 1
    return got


def compare_all(want, collector, network):
    """What is different, and how many the kernel has left out."""
    bad = []
    lines = compare.parse(collector.lines(), bad)
    got = seen(lines, str(os.stat(network.path).st_ino).encode())
    for name, one, other in (("logged", want.logged, got.logged),
                             ("dropped", want.dropped, got.dropped)):
        for key in sorted((one - other) | (other - one), key=str):
            bad.append(f"{name} {key}: {other[key]}, not {one[key]}")
    total = sum(want.dropped.values())
    stop = lines[-1].event
    early = int(stop.get("rule_dropped_early", 0))
    print(f"# {sum(want.logged.values())} logged, {total} dropped, {early} "
          "of them in the kernel")
    if int(stop.get("rule_dropped", 0)) != total:
        bad.append(f"rule_dropped {stop.get('rule_dropped')}, not {total}")
    if total == 0 or early >= total:
        bad.append(f"{early} of {total} in the kernel")
    return bad, early


def report(name, bad):
    for row in bad[:20]:
        print(row)
    print(f"FAIL: early/{name}: {len(bad)} differences" if bad else
          f"PASS: early/{name}")
    return bool(bad)


def marker(collector, network, number):
    """All that was decided before this one has been read."""
    connect(network, 0, None, [("198.51.100.9", LAST)])
    ours = f'dpt="{LAST}"'.encode()
    if not lab.until(lambda: sum(ours in line and b" CONNECT " in line for
                                 line in collector.lines()) > number, 60):
        raise RuntimeError("the last connection is not logged")


def random_sets():
    random.seed(int(os.environ.get("SEED", "5")))
    with lab.Undo() as undo:
        directory, network = lab.Directory(undo), lab.Network(undo)
        network.on_server("-6 route add local 64:ff9b::/96 dev lo")
        cgroup, path = own_group(undo)
        collector = lab.Collector(undo, directory)
        want = Want()

        def reloads():
            return sum(b" RELOAD " in line for line in collector.lines())

        for number in range(SETS):
            one = Round(number, cgroup)
            one.write(directory)
            if number == 0:
                collector.start()
            else:
                before = reloads()
                collector.process.send_signal(signal.SIGHUP)
                if not lab.until(lambda n=before: reloads() > n, 60):
                    raise RuntimeError(collector.trouble())
            one.run(network, cgroup, path, want)
            marker(collector, network, number)
        collector.stop()
        bad, early = compare_all(want, collector, network)
        if early == 0:
            bad.append("the kernel has left out nothing")
        return report("random", bad)


def killed():
    """What is done without a collector, the next one decides and counts."""
    with lab.Undo() as undo:
        directory, network = lab.Directory(undo), lab.Network(undo)
        network.on_server("-6 route add local 64:ff9b::/96 dev lo")
        collector = lab.Collector(undo, directory)
        want, one = Want(), Round(0, None)
        one.write(directory)
        collector.start()
        marker(collector, network, 0)
        collector.kill()
        time.sleep(LEASE + 1)
        one.run(network, None, None, want)
        collector.start()
        marker(collector, network, 1)
        collector.stop()
        bad, early = compare_all(want, collector, network)
        if early > 0:
            bad.append(f"the kernel has left out {early}")
        return report("killed", bad)


def main():
    lab.need_root_and_btf()
    return max(random_sets(), killed())


if sys.argv[1:2] == ["connect"]:
    connect_all(sys.argv[2:])
    sys.exit(0)
try:
    sys.exit(main())
except lab.Skip as reason:
    print(f"SKIP: early: {reason}")
    sys.exit(77)
