#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The collector is killed, restarted and replaced while connections are
made: no connection is missing from the log, a message that comes twice has
the same externalId, and a stop leaves nothing in the kernel.

    crash.py [--other BINARY] [NAME...]
--other: a collector of another version, for the take-over."""
import argparse
import collections
import os
import pathlib
import subprocess
import sys
import threading
import time

import compare
import lab
import leftovers
import truth

ROWS = {"plain", "plain6", "three-gone", "double-fork", "exec-chain", "thread",
        "exit-after", "exit-at-once", "vfork", "uid-changed", "leader-gone",
        "argv-nasty", "path-nasty", "refused", "close-early", "timeout",
        "timeout-late", "no-neighbour", "killed", "killed-late", "nonblock",
        "mapped", "dead-40", "pid-reused", "before-orphan", "before-exec",
        "repair", "no-storage", "loginuid-orphan", "deleted-after"}
# those whose ancestors leave: a tree that is read anew does not know them
DESCENT = {"three-gone", "double-fork", "dead-40", "pid-reused",
           "before-orphan", "loginuid-orphan", "deleted-after"}


class Disturber(threading.Thread):
    """Does something to the collector, again and again."""

    def __init__(self, collector, what, pause):
        super().__init__(daemon=True)
        self.collector = collector
        self.what = what
        self.pause = pause
        self.times = 0
        self.over = threading.Event()
        self.trouble = None
        self.ours = set()       # what the collectors had in the kernel

    def run(self):
        while not self.over.wait(self.pause):
            try:
                self.ours |= leftovers.held(self.collector.process.pid)
                self.what(self.collector)
                self.times += 1
            except (RuntimeError, OSError) as error:
                self.trouble = str(error)
                return

    def end(self):
        self.over.set()
        self.join(60)


def kill(collector):
    collector.kill()
    time.sleep(0.15)
    collector.start()


def restart(collector):
    collector.stop()
    time.sleep(0.15)
    collector.start()


def exchange(other):
    def what(collector):
        collector.kill()
        mine = lab.program("src/pidtreed")
        collector.binary = other if collector.binary == mine else mine
        collector.start()
    return what


def without_repeats(lines, bad):
    """One of each externalId; those that came again must say the same."""
    seen, kept, again = {}, [], 0
    for line in lines:
        ident = line.event.get("externalId")
        if line.id not in ("CONNECT", "OUTCOME") or ident not in seen:
            kept.append(line)
            seen[ident] = line
            continue
        again += 1
        first = seen[ident]
        for name in ("dst", "dpt", "src", "spt", "spid", "pkey", "outcome",
                     "cmd", "exe"):
            if first.event.get(name) != line.event.get(name):
                bad.append(compare.Bad("repeat", line.target, name,
                                       first.event.get(name),
                                       line.event.get(name)))
    return kept, again


def without_snapshots(lines):
    """What another layout's collector tells as having been there before; the
    attempts themselves are among those that it admits not to have."""
    told = {line.event.get("externalId") for line in lines
            if "snapshot" in line.event}
    return [line for line in lines if "snapshot" not in line.event and
            (line.id != "OUTCOME" or line.event.get("cid") not in told)]


def report(name, why):
    print(f"{'FAIL' if why else 'PASS'}: crash/{name}"
          f"{': ' + why if why else ''}", flush=True)
    return bool(why)


def missing(judge):
    """Connections that the log does not have, or not to their end."""
    return {bad.where for bad in judge.bad if bad.field == "messages" and
            not any(seen[1] == "established" for seen in bad.seen)}


def admitted(lines):
    """How many attempts the collectors say they could not take over."""
    return sum(int(line.event.get("not_adopted", 0)) for line in lines
               if line.id == "LOST")


def tell(name, run, judge, bad, disturber, again):
    for row in bad[:25]:
        print(row)
    for field, n in collections.Counter(
            f"{row.case} {row.field}" for row in bad).most_common(15):
        print(f"# wrong: {n} {field}")
    print(f"# {name}: {disturber.times} times, "
          f"{sum(judge.good.values())} of {len(run.targets.wants)} "
          f"connections right, {again} messages repeated")
    print(run.collector.trouble(), end="")


def scenario(name, what, pause, store, lossy=False):
    """One way of disturbing; True if anything was wrong.  lossy: what is
    missing must have been admitted."""
    with lab.Undo() as undo:
        rows, _ = truth.choose(ROWS - DESCENT if lossy else ROWS, 40)
        run = truth.Run(undo, lab.Directory(undo), rows, 11, store=store)
        run.begin()
        disturber = Disturber(run.collector, what, pause)
        disturber.start()
        run.generate()
        # while nobody was there an outcome may come before "pending" is said
        for want in run.targets.wants.values():
            want.outcomes += [one[-1:] for one in want.outcomes
                              if len(one) > 1]
        time.sleep(2)
        disturber.end()
        lab.until(lambda: run.enough(run.collector.lines()), 10)
        time.sleep(7)           # what was pending over the hold time
        disturber.ours |= leftovers.held(run.collector.process.pid)
        status = run.collector.stop()
        run.collector.manager.release()
        lines = compare.parse(run.collector.lines(), run.bad)
        compare.series(lines, run.bad)
        kept, again = without_repeats(lines, run.bad)
        if lossy:
            kept = without_snapshots(kept)
        judge = compare.Compare(run.facts, run.targets.wants,
                                run.collector.pids,
                                os.stat("/proc/self/ns/net").st_ino)
        judge.run(kept)
        bad = run.bad + judge.bad
        if lossy:
            lost, said = missing(judge), admitted(lines)
            print(f"# {len(lost)} connections are missing, {said} admitted")
            if len(lost) <= said:
                # nor is what a process was asked to execute read anew
                bad = [row for row in bad if row.where not in lost and not
                       (row.field.startswith("script") and not row.seen)]
        tell(name, run, judge, bad, disturber, again)
        left = leftovers.left(disturber.ours, run.collector.instance)
        failed = report(name, f"{len(bad)} fields wrong" if bad else
                        disturber.trouble or
                        (f"exit {status}" if status else None) or
                        (f"generator: {run.troubles[0].trouble}"
                         if run.troubles else None) or
                        (None if disturber.times > 1 else "never disturbed"))
        failed |= report(name + "-nothing-left", "; ".join(left) or None)
        return failed


def count_messages(lines, netns):
    """destination -> externalIds, and the messages that came again."""
    ids, seen, again = collections.defaultdict(set), set(), 0
    for line in lines:
        if line.id != "CONNECT" or line.event.get("netns") != netns:
            continue
        ident = line.event["externalId"]
        again += ident in seen
        seen.add(ident)
        ids[line.target].add(ident)
    return ids, again


def flood(connections=12_000, processes=2):
    """Killed while it writes as fast as it can: what was in flight comes
    twice, with the same externalId, and nothing is missing."""
    with lab.Undo() as undo:
        directory = lab.Directory(undo)
        network = lab.Network(undo)
        collector = lab.Collector(undo, directory)
        collector.start()
        disturber = Disturber(collector, kill, 0.3)
        disturber.start()
        done = subprocess.run(
            [lab.program("tests/system/flood"), network.path, str(processes),
             str(connections // processes), str(lab.PORTS[0]),
             str(lab.PORTS[1]), "600"], stdout=subprocess.PIPE, check=True,
            timeout=120)
        disturber.end()
        time.sleep(2)
        collector.stop()
        made = int(done.stdout.split()[0])
        bad = []
        lines = compare.parse(collector.lines(), bad)
        compare.series(lines, bad)
        ids, again = count_messages(
            lines, str(os.stat(network.path).st_ino).encode())
        lost = [line.data for line in lines if line.id == "LOST"]
        more = [where for where, few in ids.items() if len(few) > 1]
        print(f"# flood: {disturber.times} times, {len(ids)} of {made} "
              f"connections, {again} messages repeated")
        for row in bad[:10]:
            print(row)
        return report("flood", f"{len(bad)} lines wrong" if bad else
                      (disturber.trouble or
                       (f"{lost[0]!r}" if lost else None) or
                       (f"{made - len(ids)} are missing"
                        if made != len(ids) else None) or
                       (f"{len(more)} have two externalIds"
                        if more else None) or
                       (None if disturber.times > 1 else "never disturbed")))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--other")
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    lab.need_root_and_btf()
    scenarios = [
        ("kill-pins", kill, 1.0, False, False),
        ("kill-store", kill, 1.0, True, False),
        ("restart-store", restart, 1.0, True, False),
    ]
    other = options.other or str(lab.BUILD / "tests/system/other/src/pidtreed")
    if pathlib.Path(other).exists():
        scenarios += [("exchange-pins", exchange(other), 1.5, False, True),
                      ("exchange-store", exchange(other), 1.5, True, True)]
    else:
        print("SKIP: crash/exchange: no other version was built")
    failed = (not options.names or "flood" in options.names) and flood()
    for name, *how in scenarios:
        if not options.names or name in options.names:
            failed |= scenario(name, *how)
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except lab.Skip as reason:
        print(f"SKIP: crash: {reason}")
        sys.exit(77)
