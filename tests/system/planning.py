#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What the README promises to those who plan for disk space: a scanner of
50,000 connections and a proxy of 500 a second, with the storm guard as it is
by default; and lookup finds the first of them."""
import os
import subprocess
import sys
import time

import compare
import lab

FIRST = 2000
# bytes that the README names
CONNECT, CLOSE, DIGEST = 4096, 500, 4096
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


def sizes(lines, made):
    """Each within what is promised, and none missing."""
    size = dict.fromkeys(("CONNECT", "CLOSE", "DIGEST"), 0)
    count, counted = dict(size), 0
    for line in lines:
        if line.id not in size:
            continue
        length = len(line.data) + 1
        if length > {"CLOSE": CLOSE}.get(line.id, CONNECT):
            return f"{length} bytes: {line.data!r}"
        size[line.id] += length
        count[line.id] += 1
        if line.id == "DIGEST":
            counted += int(line.event["cnt"])
    print("# " + "; ".join(
        f"{count[name]} {name} of {size[name] / max(count[name], 1):.0f} bytes"
        for name in size) + f"; {sum(size.values()) / 1e6:.1f} MB")
    if count["CONNECT"] + counted != made:
        return f"{count['CONNECT']} logged, {counted} counted of {made}"
    return None


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
        netns, bad = str(os.stat(network.path).st_ino).encode(), []
        lines = compare.parse(collector.lines(), bad)
        ours = [line for line in lines if line.event.get("netns") == netns
                or line.id == "CLOSE"]
        logged = sum(line.id == "CONNECT" for line in ours)
        lost = [line.event for line in lines if line.id == "LOST"]
        why = f"{len(bad)} lines wrong: {bad[0]}" if bad else None
        why = why or (f"lost: {lost}" if lost else None)
        why = why or sizes(ours, made)
        if logged > most(int(took // 60) + 1):
            why = why or f"{logged} were logged one by one"
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
