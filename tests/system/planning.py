#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What the README promises to those who plan for disk space: a scanner of
50,000 connections and a proxy of 500 a second, with the storm guard as it is
by default; and lookup finds the first of them."""
import os
import re
import subprocess
import sys
import time

import lab
import rfc5424_strict as strict

FIRST = 2000
# bytes; how long an ancestry is depends on who runs this
MOST = {"CONNECT": 8001, "CLOSE": 500, "DIGEST": 8001}
GUARD = 60                      # a minute, a network and a port


def report(name, why):
    print(f"{'FAIL' if why else 'PASS'}: planning/{name}"
          f"{': ' + why if why else ''}", flush=True)
    return bool(why)


def flood(network, count, ports, pause):
    done = subprocess.run(
        [lab.program("tests/system/flood"), network.path, "1", str(count),
         str(FIRST), str(FIRST + ports - 1), str(pause)],
        stdout=subprocess.PIPE, check=True, timeout=240)
    return int(done.stdout.split()[0])


def look_up(collector):
    """The first connection that was made, as a person asks for it."""
    done = subprocess.run(
        [lab.program("src/pidtree"), "lookup", "--dst", "198.51.100.1",
         "--dpt", str(FIRST), "--since", "-1h", "--log", str(collector.log)],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
        timeout=120)
    text = done.stdout.decode(errors="replace")
    if done.returncode or f"-> 198.51.100.1:{FIRST}/tcp" not in text or \
            "flood" not in text:
        return f"lookup: exit {done.returncode}: {text}"
    return None


class Volume:
    """What the log has of our network namespace, by kind."""

    def __init__(self, datas, network):
        netns = b' netns="%d"' % os.stat(network.path).st_ino
        self.size = dict.fromkeys(MOST, 0)
        self.count = dict.fromkeys(MOST, 0)
        self.counted, self.wrong = 0, None
        for number, data in enumerate(datas):
            kind = data.split(b" ", 6)[5].decode()
            if kind == "LOST":
                self.wrong = self.wrong or f"lost: {data[:300]!r}"
            elif kind in MOST and (kind == "CLOSE" or netns in data):
                self.add(kind, data, number % 50 == 0)

    def add(self, kind, data, parse):
        if parse:
            try:
                strict.check(data)
            except strict.Bad as error:
                self.wrong = self.wrong or f"{error}: {data[:300]!r}"
        if len(data) + 1 > MOST[kind]:
            self.wrong = self.wrong or f"{len(data) + 1} bytes: {data[:300]!r}"
        self.size[kind] += len(data) + 1
        self.count[kind] += 1
        if kind == "DIGEST":
            self.counted += int(re.search(rb' cnt="(\d+)"', data)[1])

    def __str__(self):
        return "; ".join(
            f"{self.count[kind]} {kind} of "
            f"{self.size[kind] / max(self.count[kind], 1):.0f} bytes"
            for kind in MOST) + f"; {sum(self.size.values()) / 1e6:.1f} MB"

    def judge(self, made, most):
        logged = self.count["CONNECT"]
        if logged + self.counted != made:
            return f"{logged} logged, {self.counted} counted of {made}"
        if logged > most:
            return f"{logged} were logged one by one"
        return self.wrong


def run(name, count, ports, pause, most):
    """most(minutes): CONNECT messages at the most."""
    with lab.Undo() as undo:
        lab.PORTS = FIRST, FIRST + max(ports, 2) - 1
        directory, network = lab.Directory(undo), lab.Network(undo)
        collector = lab.Collector(undo, directory, f"storm: {GUARD}\n")
        collector.start()
        begun = time.monotonic()
        made = flood(network, count, ports, pause)
        took = time.monotonic() - begun
        time.sleep(1)
        collector.stop()
        print(f"# {name}: {made} in {took:.0f} s")
        volume = Volume(collector.lines(), network)
        print(f"# {volume}")
        why = volume.judge(made, most(int(took // 60) + 1))
        return report(name, why or look_up(collector))


def main():
    lab.need_root_and_btf()
    failed = 0
    # each port of each host once: nothing to be counted together
    failed |= run("scanner-of-ports", 50_000, 1250, 50, lambda _: 50_000)
    # few ports of a whole network
    failed |= run("scanner-of-hosts", 50_000, 10, 50,
                  lambda minutes: GUARD * 10 * (minutes + 1))
    failed |= run("proxy", 10_000, 1, 1800,
                  lambda minutes: GUARD * (minutes + 1))
    return int(failed)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except lab.Skip as reason:
        print(f"SKIP: planning: {reason}")
        sys.exit(77)
