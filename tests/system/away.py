#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Nobody reads the socket while more connections are made than the queue
holds: the kernel keeps what the collector does not read.  None is missing
when a reader comes: to this collector, to the next one, or just before the
end of this one, which nobody follows."""
import random
import re
import socket
import sys
import threading

import lab

MANY = 1500     # 64 KiB and half a MiB hold about 500
SPREAD = 250    # destinations


class Reader(threading.Thread):
    """rsyslogd's place at the socket: destinations and losses."""

    def __init__(self, path):
        super().__init__(daemon=True)
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(path))
        path.chmod(0o666)
        self.seen = set()
        self.lost = []
        self.start()

    def run(self):
        while True:
            message = self.socket.recv(65536).decode()
            if " CONNECT [" in message or " OUTCOME [" in message:
                dst = re.search(r' dst="([^"]*)"', message)[1]
                dpt = re.search(r' dpt="([^"]*)"', message)[1]
                self.seen.add((dst, int(dpt)))
            elif " LOST [" in message:
                self.lost.append(message)


def connect(network):
    """As many connections as are told apart by address and port."""
    targets = set()
    while len(targets) < MANY:
        targets.add((f"{lab.LIVE4}.{random.randint(1, SPREAD)}",
                     random.randint(*lab.PORTS)))
    lab.run("ip", "netns", "exec", network.client, sys.executable, __file__,
            "--connect", input="".join(f"{dst} {dpt}\n"
                                       for dst, dpt in targets))
    return targets


def connect_all():
    for line in sys.stdin:
        dst, dpt = line.split()
        with socket.socket() as sock:
            sock.settimeout(5)
            sock.connect((dst, int(dpt)))


def scenario(name, store, meanwhile):
    """meanwhile(collector, path) lets a reader come, and returns it."""
    with lab.Undo() as undo:
        directory = lab.Directory(undo)
        path = directory / "socket"
        network = lab.Network(undo)
        collector = lab.Collector(
            undo, directory, store=store, more="log:\n  target: socket\n"
            f"  socket: {path}\n  queue: 64K\n")
        collector.start()
        targets = connect(network)
        reader = meanwhile(collector, path)
        lab.until(lambda: targets <= reader.seen, 30)
        missing = targets - reader.seen
        collector.stop()
        print(collector.trouble(), end="")
        for message in reader.lost[:3]:
            print("#", message)
        print(f"FAIL: away/{name}: {len(missing)} of {MANY} are missing"
              if missing else f"PASS: away/{name}", flush=True)
        return bool(missing)


def comes_back(_, path):
    return Reader(path)


def next_collector(collector, path):
    collector.stop()
    reader = Reader(path)
    collector.start()
    return reader


def comes_to_the_end(collector, path):
    reader = Reader(path)
    collector.stop()
    return reader


def main():
    if sys.argv[1:] == ["--connect"]:
        return connect_all()
    lab.need_root_and_btf()
    failed = scenario("comes-back", False, comes_back)
    failed |= scenario("next-collector", True, next_collector)
    failed |= scenario("comes-to-the-end", False, comes_to_the_end)
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except lab.Skip as reason:
        print(f"SKIP: away: {reason}")
        sys.exit(77)
