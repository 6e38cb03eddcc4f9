#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The truth test: connections under every hard condition of cases.py, and
each message of the log compared with what is true, field by field.

    truth.py [--rsyslog] [--only NAME,...] [--count N] [--seed N] [--show]
One line a case, one line for each field that is wrong; exit 0, 1, or 77."""
import argparse
import collections
import dataclasses
import json
import os
import subprocess
import sys
import time

import cases
import compare
import facts as facts_
import generate
import lab
import shelltext
import syslogd


def there(path):
    """netns:PATH is one that a new network namespace has."""
    if path.startswith("netns:"):
        return subprocess.run(["unshare", "-n", "test", "-e", path[6:]],
                              check=False).returncode == 0
    return os.path.exists(path)


def choose(only, count):
    """The rows that this kernel can do; the others by name."""
    rows, skipped = [], []
    for row in cases.ROWS:
        if only and row.name not in only:
            continue
        if row.needs and not there(row.needs):
            skipped.append(row.name)
            continue
        if "{cgroup}" in row.program and not generate.cgroup2():
            skipped.append(row.name)
            continue
        if count:
            row = dataclasses.replace(row, count=min(count, row.count))
        rows.append(row)
    return rows, skipped


class Run:
    """A laboratory, a collector, the generator, the comparison."""

    def __init__(self, undo, directory, rows, seed, **options):
        self.network = lab.Network(undo)
        more = options.pop("more", "") + \
            f"accept:\n  log: on\n  ports: [{lab.PORTS[0]}]\n"
        self.collector = lab.Collector(undo, directory, more, **options)
        cgroup = generate.make_cgroups(undo, cases.CONTAINERS)
        self.targets = cases.Targets()
        self.generator = generate.Generator(
            undo, rows, self.targets, directory, self.network.path,
            cgroup, seed)
        self.facts = facts_.Facts()
        self.bad = []
        self.troubles = []

    def begin(self):
        """What is older than the collector, then the collector."""
        self.generator.begin_old()
        self.facts.read(self.generator.facts)
        self.bad += [compare.Bad("generator", pid, name, proc, fact)
                     for pid, name, fact, proc in self.facts.disagree()]
        self.facts.forget()
        self.facts.ready = facts_.boot_ns()
        took = self.collector.start()
        print(f"# the collector was ready after {took:.2f} s")

    def generate(self):
        begun = time.monotonic()
        self.troubles = self.generator.run()
        print(f"# {len(self.targets.wants)} connections in "
              f"{time.monotonic() - begun:.1f} s")
        self.facts.read(self.generator.facts)

    def expected_messages(self):
        return sum(max(len(one) for one in want.outcomes) + want.row.lines - 1
                   for want in self.targets.wants.values()
                   if want.row.kind != "LISTEN")

    def enough(self, lines):
        return sum(b" CONNECT " in line[:300] or b" OUTCOME " in line[:300] or
                   b" UDP " in line[:300] for line in lines) >= self.expected_messages()

    def compare(self, datas):
        """Everything: strictness, series, every connection."""
        lines = compare.parse(datas, self.bad)
        compare.series(lines, self.bad)
        netns = os.stat("/proc/self/ns/net").st_ino
        judge = compare.Compare(self.facts, self.targets.wants,
                                self.collector.pids, netns)
        judge.run(lines)
        judge.ends(lines)
        judge.accepts(lines, lab.PORTS[0], self.network.served_by)
        judge.bad = self.bad + judge.bad
        twice = [ident for ident, n in judge.all_ids.items() if n > 1]
        for ident in twice:
            judge.bad.append(compare.Bad("-", "-", "externalId", "once",
                                         ident))
        self.bash(judge)
        return lines, judge

    @staticmethod
    def bash(judge):
        """Copy and paste gives the same arguments: bash says so."""
        lines = list(judge.quoted.items())[:2000]
        if lines and not shelltext.prove_with_bash(lines):
            for cmd, argv in lines:
                if not shelltext.prove_with_bash([(cmd, argv)]):
                    judge.bad.append(compare.Bad("-", "bash", "cmd", argv,
                                                 cmd))


def report(run, rows, skipped, judge, show):
    """The table; True if all is well."""
    made = collections.Counter(want.row.name
                               for want in run.targets.wants.values())
    for row in rows:
        right = judge.good[row.name]
        print(f"{row.name:24} {right:5} of {made[row.name]:5} right")
    for name in skipped:
        print(f"{name:24} SKIP: this kernel or machine cannot")
    for job in run.troubles:
        print(f"generator: {job.row.name}: {job.trouble.strip()}")
    for bad in judge.bad[:show]:
        print(bad)
    if len(judge.bad) > show:
        print(f"... and {len(judge.bad) - show} more")
    fields = collections.Counter(f"{bad.case} {bad.field}"
                                 for bad in judge.bad)
    for name, n in fields.most_common(40):
        print(f"# wrong: {n} {name}")
    print("# their ends: " + ", ".join(f"{n} of {kind}" for kind, n in
                                       judge.ended.items()))
    right = sum(judge.good.values())
    print(f"# {right} of {len(run.targets.wants)} connections right, "
          f"{len(judge.bad)} fields wrong")
    return right == len(run.targets.wants) and not judge.bad and \
        not run.troubles and right > 0


class Through:
    """With rsyslogd in between: what went in came out."""

    def __init__(self, undo, directory):
        self.rsyslogd = syslogd.Rsyslogd(undo, directory)
        self.rsyslogd.start()
        self.tap = syslogd.Tap(undo, directory, self.rsyslogd.socket)

    def options(self):
        return {"more": f"log:\n  socket: {self.tap.path}\n  target: socket\n"}

    def lines(self):
        self.rsyslogd.stop()
        return self.rsyslogd.lines()

    def compare(self, lines, bad):
        """Byte for byte in the file, field for field by mmpstrucdata."""
        if self.tap.seen != [line.data for line in lines]:
            for went, came in zip(self.tap.seen, lines):
                if went != came.data:
                    bad.append(compare.Bad("rsyslog", "file", "line", went,
                                           came.data))
            bad.append(compare.Bad("rsyslog", "file", "lines",
                                   len(self.tap.seen), len(lines)))
        parsed = self.rsyslogd.parsed_lines()
        if len(parsed) != len(lines):
            bad.append(compare.Bad("rsyslog", "mmpstrucdata", "messages",
                                   len(lines), len(parsed)))
        for text, line in zip(parsed, lines):
            self.fields(json.loads(text), line, bad)
        print(f"# {len(parsed)} messages through rsyslogd and mmpstrucdata")

    @staticmethod
    def fields(parsed, line, bad):
        msgid, procid, when, data = parsed
        message = line.message
        wanted = {sdid.decode(): {name.decode(): value.decode()
                                  for name, value in params}
                  for sdid, params in message.sd}
        for field, good in (
                ("msgid", msgid == message.msgid.decode()),
                ("procid", procid == message.procid.decode()),
                ("timestamp", when == message.timestamp.decode()),
                ("structured data", data == wanted)):
            if not good:
                bad.append(compare.Bad("rsyslog", line.target, field, wanted,
                                       parsed))


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rsyslog", action="store_true")
    parser.add_argument("--only", default="")
    parser.add_argument("--count", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", type=int, default=60)
    return parser.parse_args()


def main():
    options = arguments()
    lab.need_root_and_btf()
    rows, skipped = choose(set(filter(None, options.only.split(","))),
                           options.count)
    with lab.Undo() as undo:
        directory = lab.Directory(undo)
        through = Through(undo, directory) if options.rsyslog else None
        run = Run(undo, directory, rows, options.seed,
                  **(through.options() if through else {}))
        log = through.rsyslogd.lines if through else run.collector.lines
        run.begin()
        run.generate()
        lab.until(lambda: run.enough(log()), 25)
        time.sleep(1)
        status = run.collector.stop()
        time.sleep(1)
        lines, judge = run.compare(through.lines() if through else log())
        if through:
            through.compare(lines, judge.bad)
        print(run.collector.trouble(), end="")
        good = report(run, rows, skipped, judge, options.show)
        if status:
            print(f"the collector's exit status is {status}")
        return 0 if good and not status else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except lab.Skip as reason:
        print(f"SKIP: {reason}")
        sys.exit(77)
