#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What a scanner and a proxy leave in the log: as many lines as the storm guard
lets pass, of no more bytes than was promised, every connection in them or
counted; and the first is still found in them.  Prints the sizes.

    sizes.py [--generations N]: so many processes above the one that connects"""
import argparse
import collections
import os
import re
import subprocess
import sys
import time

import lab

LIMIT = 60
FIRST, LAST = 2000, 3249        # the server's ports; times 254 addresses
MOST = {b"CONNECT": 8000, b"DIGEST": 8000, b"CLOSE": 500}
HEAD = re.compile(rb"^<\d+>1 \S+ \S+ pidtreed \d+ (\w+) \[")
NETNS = re.compile(rb' netns="(\d+)"')
CID = re.compile(rb' cid="([^"]*)"')
IDENT = re.compile(rb' externalId="([^"]*)"')
# name, connections, ports, microseconds after each, guarded
CASES = [
    ("scanner-ports", 50_000, 10, 0, True),
    ("scanner-hosts", 50_000, LAST - FIRST + 1, 0, False),
    ("proxy", 10_000, 1, 1900, True),
]


def made(network, count, ports, pause, generations):
    """How many connections were made, and in which time."""
    words = [lab.program("tests/system/flood"), "-", "1", str(count),
             str(FIRST), str(FIRST + ports - 1), str(pause)]
    for _ in range(generations):
        words = ["sh", "-c", '"$@"; exit $?', "sh", *words]
    begun = time.monotonic()
    done = subprocess.run(["ip", "netns", "exec", network.client, *words],
                          stdout=subprocess.PIPE, check=True, timeout=300)
    return int(done.stdout.split()[0]), time.monotonic() - begun


def ours(lines, network):
    """MSGID -> lines of our namespace; ends have their connection's id."""
    netns = str(os.stat(network.path).st_ino).encode()
    out, ids = collections.defaultdict(list), set()
    for line in lines:
        kind = HEAD.match(line)[1]
        where = NETNS.search(line)
        if kind == b"CLOSE":
            if CID.search(line)[1] in ids:
                out[kind].append(line)
        elif where and where[1] == netns:
            ids.add(IDENT.search(line)[1])
            out[kind].append(line)
    return out


def judge(case, collector, network, count, took):
    """What is wrong."""
    name, _, ports, _, guarded = case
    seen = ours(collector.lines(), network)
    told = sum(int(re.search(rb' cnt="(\d+)"', line)[1])
               for line in seen[b"DIGEST"])
    size = sum(len(line) + 1 for lines in seen.values() for line in lines)
    number = {kind.decode(): len(lines) for kind, lines in seen.items()}
    print(f"# {name}: {count} connections in {took:.0f} s, {size} bytes: "
          f"{number}, {told} counted")
    wrong = []
    if len(seen[b"CONNECT"]) + told != count:
        wrong.append(f"{len(seen[b'CONNECT'])} and {told}, not {count}")
    if len(seen[b"CLOSE"]) != len(seen[b"CONNECT"]):
        wrong.append(f"{len(seen[b'CLOSE'])} ends")
    minutes = int(took / 60) + 2        # that it can have touched
    if guarded and (len(seen[b"CONNECT"]) > LIMIT * ports * minutes or
                    len(seen[b"DIGEST"]) > ports * minutes):
        wrong.append(f"{number} in {minutes} minutes")
    if not guarded and told:
        wrong.append(f"{told} are counted")
    for kind, lines in seen.items():
        longest = max(map(len, lines), default=0)
        if longest > MOST.get(kind, 8000):
            wrong.append(f"{kind}: {longest} bytes")
    return wrong


def found(collector):
    """The first one, by its address and port."""
    done = subprocess.run(
        [lab.program("src/pidtree"), "lookup", f"--log={collector.log}",
         "--dst=198.51.100.1", f"--dpt={FIRST}"],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        check=False, timeout=120)
    wrong = [] if done.returncode == 0 else [f"exit {done.returncode}"]
    for what in (rf"-> 198\.51\.100\.1:{FIRST}\b", r"\bflood\b"):
        if not re.search(what, done.stdout):
            wrong.append(f"lookup: no {what}: {done.stdout[:500]}")
    return wrong


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--generations", type=int, default=0)
    options = parser.parse_args()
    lab.need_root_and_btf()
    failed = 0
    lab.PORTS = FIRST, LAST
    for case in CASES:
        name, connections, ports, pause, _ = case
        with lab.Undo() as undo:
            network = lab.Network(undo)
            collector = lab.Collector(undo, lab.Directory(undo),
                                      f"storm: {LIMIT}\n")
            collector.start()
            count, took = made(network, connections, ports, pause,
                               options.generations)
            time.sleep(1)
            status = collector.stop()
            wrong = [] if status == 0 else [f"exit {status}"]
            if count != connections:
                wrong.append(f"{count} were established")
            wrong += judge(case, collector, network, count, took)
            wrong += found(collector)
        for line in wrong:
            print(f"# {name}: {line}")
        print(f"{'FAIL' if wrong else 'PASS'}: sizes/{name}", flush=True)
        failed += bool(wrong)
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except lab.Skip as reason:
        print(f"SKIP: sizes: {reason}")
        sys.exit(77)
