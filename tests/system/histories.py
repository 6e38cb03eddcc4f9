#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What other trackers lost: a connection after many that were refused, and
one while others wait for ever.  udp.py has what concerns datagrams."""
import subprocess
import sys

import compare
import lab

PORT = lab.PORTS[0]
# argv: a port that refuses, a port that accepts, an address, how many
REFUSED = """
import socket, sys
closed, port, address, n = int(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:]
for i in range(int(n)):
    with socket.socket() as s:
        if s.connect_ex((address, closed)) != 111:
            sys.exit("not refused")
socket.create_connection((address, port)).close()
"""
# As many threads in accept(), then a connection of another one.
BLOCKED = """
import os, socket, sys, threading, time
_, port, address, n = sys.argv[1], int(sys.argv[2]), *sys.argv[3:]
for i in range(int(n)):
    s = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=s.accept, daemon=True).start()
time.sleep(0.5)
socket.create_connection((address, port)).close()
os._exit(0)
"""


def outcomes(undo, code, n, port):
    """The process's connections, [(port, outcome)], in their order."""
    network = lab.Network(undo)
    collector = lab.Collector(undo, lab.Directory(undo))
    collector.start()
    with subprocess.Popen(
            ["ip", "netns", "exec", network.client, sys.executable, "-c",
             code, str(lab.PORTS_CLOSED), str(port), "198.51.100.1",
             str(n)]) as process:
        if process.wait(120):
            raise RuntimeError(f"exit {process.returncode}")

    def seen():
        lines = [compare.Line(data) for data in collector.lines()
                 if b" CONNECT [" in data[:300]]
        return [(int(line.event["dpt"]), line.event["outcome"])
                for line in lines
                if line.event["spid"] == b"%d" % process.pid]
    lab.until(lambda: (port, b"established") in seen(), 20)
    return seen()


def refused(undo):
    seen = outcomes(undo, REFUSED, 1200, PORT)
    wanted = [(lab.PORTS_CLOSED, b"refused")] * 1200 + [
        (PORT, b"established")]
    return None if seen == wanted else \
        f"{len(seen)} messages, the last {seen[-1:]}"


def blocked(undo):
    seen = outcomes(undo, BLOCKED, 25, PORT)
    return None if seen == [(PORT, b"established")] else f"{seen}"


def main():
    lab.need_root_and_btf()
    failed = 0
    for name, scene in (("refused", refused), ("blocked", blocked)):
        with lab.Undo() as undo:
            why = scene(undo)
        print(f"{'FAIL' if why else 'PASS'}: histories/{name}"
              f"{': ' + why if why else ''}", flush=True)
        failed += bool(why)
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except lab.Skip as reason:
        print(f"SKIP: histories: {reason}")
        sys.exit(77)
