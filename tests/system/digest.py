#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The storm guard: the first connections of a lineage to a network and port
are logged one by one, the others counted; messages and counts together are
what was made, whatever happens to the collector."""
import collections
import ipaddress
import os
import subprocess
import sys
import time

import compare
import lab

PORT = lab.PORTS[0]
LIMIT = 20


def report(name, why):
    print(f"{'FAIL' if why else 'PASS'}: digest/{name}"
          f"{': ' + why if why else ''}", flush=True)
    return bool(why)


def flood(network, count, script=None, ports=1):
    """Connections made, to count addresses and ports from 198.51.100.1 on;
    script: a shell script of that name makes them."""
    words = [lab.program("tests/system/flood"), network.path, "1", str(count),
             str(PORT), str(PORT + ports - 1), "200"]
    if script:
        script.write_text('#!/bin/sh\n"$@"\nexit $?\n')
        script.chmod(0o755)
        words = [str(script), *words]
    done = subprocess.run(words, stdout=subprocess.PIPE, check=True,
                          timeout=120)
    return int(done.stdout.split()[0])


class Seen:
    """What the log says of our network namespace."""

    def __init__(self, collector, network):
        self.bad = []
        netns = str(os.stat(network.path).st_ino).encode()
        lines = compare.parse(collector.lines(), self.bad)
        compare.series(lines, self.bad)
        ours = [line for line in lines if line.event.get("netns") == netns]
        once = {line.event["externalId"]: line for line in ours}
        self.connects = [line for line in once.values()
                         if line.id in ("CONNECT", "UDP")]
        self.ends = [line for line in ours if line.id == "CLOSE"]
        self.digests = [line for line in once.values() if line.id == "DIGEST"]
        self.counted = sum(int(line.event["cnt"]) for line in self.digests)
        self.lost = [line for line in lines if line.id == "LOST"]
        self.miscounted = self.compare_counters(lines)

    @staticmethod
    def compare_counters(lines):
        """What the kernel counted is what the whole log has."""
        stop = [line for line in lines if line.id == "STOP"][-1].event
        once = {line.event["externalId"]: line for line in lines
                if line.id in ("CONNECT", "UDP", "DIGEST")}.values()
        there = {"attempts": sum(line.id == "CONNECT" for line in once),
                 "udp_sessions": sum(line.id == "UDP" for line in once),
                 "digested": sum(int(line.event["cnt"]) for line in once
                                 if line.id == "DIGEST")}
        return [f"{name}: {int(stop.get(name, 0))} counted, {n} in the log"
                for name, n in there.items() if int(stop.get(name, 0)) != n]

    def total(self):
        return len(self.connects) + self.counted


def describe(line):
    """What a DIGEST must be by itself."""
    net = ipaddress.ip_network(line.event["net"].decode())
    if ipaddress.ip_address(line.event["dst"].decode()) not in net:
        return f"{line.event['dst']} is not in {net}"
    if not line.event["start"] <= line.event["end"]:
        return f"{line.event['start']} is after {line.event['end']}"
    if b"systemd" not in line.ancestry["chain"] and \
            b"<" not in line.ancestry["chain"]:
        return f"no ancestry: {line.ancestry}"
    return None


def run(name, more, make, judge):
    """One collector; make(network, directory, collector) gives how many."""
    with lab.Undo() as undo:
        directory, network = lab.Directory(undo), lab.Network(undo)
        collector = lab.Collector(undo, directory, more)
        collector.start()
        made = make(network, directory, collector)
        time.sleep(1)
        collector.stop()
        seen = Seen(collector, network)
        print(f"# {name}: {made} made, {len(seen.connects)} logged, "
              f"{seen.counted} counted in {len(seen.digests)}")
        for row in seen.bad[:10]:
            print(row)
        why = None if not seen.bad else f"{len(seen.bad)} lines wrong"
        why = why or (f"{seen.lost[0].event}" if seen.lost else None)
        why = why or ("; ".join(seen.miscounted) or None)
        why = why or (None if seen.total() == made else
                      f"{seen.total()} of {made} are in the log")
        for line in seen.digests:
            why = why or describe(line)
        return report(name, why or judge(seen, made))


def one_lineage(seen, _):
    if len(seen.connects) != LIMIT or len(seen.digests) != 1:
        return f"{len(seen.connects)} logged, {len(seen.digests)} digests"
    if seen.digests[0].event["net"] != b"198.51.100.0/24":
        return seen.digests[0].event["net"].decode()
    return None


def every(seen, _):
    return None if not seen.digests else "counted although it is off"


def two_scripts(network, directory, _):
    return flood(network, 200, directory / "one") + \
        flood(network, 200, directory / "two")


def by_lineage(seen, _):
    scripts = collections.Counter(
        line.ancestry.get("script2")
        for line in seen.connects)
    if sorted(scripts.values()) != [LIMIT, LIMIT]:
        return f"logged: {dict(scripts)}"
    return None if len(seen.digests) == 2 else \
        f"{len(seen.digests)} digests of two lineages"


def by_port(seen, _):
    ports = collections.Counter(line.event["dpt"] for line in seen.connects)
    return None if sorted(ports.values()) == [LIMIT] * 3 else \
        f"logged: {dict(ports)}"


def killed(network, _, collector):
    """While it counts."""
    with subprocess.Popen(
            [lab.program("tests/system/flood"), network.path, "1", "3000",
             str(PORT), str(PORT), "1000"], stdout=subprocess.PIPE) as process:
        for _ in range(3):
            time.sleep(0.3)
            collector.kill()
            collector.start()
        return int(process.communicate(timeout=60)[0].split()[0])


def killed_right(seen, _):
    return None if len(seen.connects) == LIMIT else \
        f"{len(seen.connects)} are logged one by one"


def cloud(network, _, __):
    """The metadata service's address, in our namespace."""
    network.on_server("addr add 169.254.169.254/32 dev lo")
    code = ("import socket\nfor i in range(50):\n"
            f" socket.create_connection(('169.254.169.254', {PORT})).close()")
    subprocess.run(["ip", "netns", "exec", network.client, sys.executable,
                    "-c", code], check=True, timeout=60)
    return 50


def datagrams(network, _, __):
    """From sockets of their own; and as many connections."""
    code = f"""
import socket
for i in range(150):
    with socket.socket(type=socket.SOCK_DGRAM) as s:
        if i % 2:
            s.connect(("198.51.100.%d" % (1 + i), {PORT}))
            s.send(b"x")
        else:
            s.sendto(b"x", ("198.51.100.%d" % (1 + i), {PORT}))
            s.sendto(b"y", ("198.51.100.%d" % (1 + i), {PORT}))
    socket.create_connection(("198.51.100.%d" % (1 + i), {PORT})).close()
"""
    subprocess.run(["ip", "netns", "exec", network.client, sys.executable,
                    "-c", code], check=True, timeout=60)
    return 300


def by_protocol(seen, _):
    one = collections.Counter((line.id, line.event["proto"])
                              for line in seen.connects + seen.digests)
    if one != {("CONNECT", b"TCP"): LIMIT, ("UDP", b"UDP"): LIMIT,
               ("DIGEST", b"TCP"): 1, ("DIGEST", b"UDP"): 1}:
        return f"{dict(one)}"
    ends = [line for line in seen.ends if line.event["proto"] == b"UDP"]
    if {line.event["cid"] for line in ends} != {
            line.event["externalId"] for line in seen.connects
            if line.id == "UDP"}:
        return f"{len(ends)} sessions have ended"
    sent = collections.Counter(int(line.event["cnt"]) for line in ends)
    return None if sent == {1: LIMIT // 2, 2: LIMIT // 2} else \
        f"datagrams: {dict(sent)}"


def first_alone(seen, _):
    if len(seen.connects) != 1 or len(seen.digests) != 1:
        return f"{len(seen.connects)} logged, {len(seen.digests)} digests"
    return None


def main():
    lab.need_root_and_btf()
    limit = f"storm: {LIMIT}\n"
    scenarios = [
        ("one-lineage", limit, lambda n, d, c: flood(n, 1000), one_lineage),
        ("off", "storm: off\n", lambda n, d, c: flood(n, 300), every),
        ("by-lineage", limit, two_scripts, by_lineage),
        ("by-port", limit, lambda n, d, c: flood(n, 900, ports=3), by_port),
        ("by-protocol", limit, datagrams, by_protocol),
        ("killed", limit, killed, killed_right),
        ("metadata", "storm: off\n", cloud, first_alone),
    ]
    return 1 if sum([run(*one) for one in scenarios]) else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except lab.Skip as reason:
        print(f"SKIP: digest: {reason}")
        sys.exit(77)
