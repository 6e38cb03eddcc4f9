#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The family tree under storms of processes: afterwards the records and
references in the kernel are what /proc says, and connections that were made
meanwhile are right, or marked."""
import argparse
import os
import subprocess
import sys
import time

import kernelside
import lab
import truth

STORMS = [
    # name, arguments, seconds that it may take
    ("refork", ["refork", "6000"], 60),
    ("fork-bomb", ["bomb", "6000", "400"], 60),
    ("threads-leave-together", ["threads", "5000"], 300),
    ("parent-and-child-leave-together", ["pairs", "20000"], 300),
]
MEANWHILE = ("plain", "three-gone", "double-fork", "exec-chain", "thread",
             "exit-after", "vfork", "pid-namespace", "uid-changed",
             "leader-gone", "argv-nasty", "refused")


class Report:
    def __init__(self):
        self.failed = 0

    def result(self, name, why):
        self.failed += bool(why)
        print(f"{'FAIL' if why else 'PASS'}: stress/{name}"
              f"{': ' + str(why) if why else ''}", flush=True)


def describe(wrong, records):
    if not wrong:
        return None
    some = "; ".join(f"{key}: {why}" for key, why in list(wrong.items())[:6])
    return f"{len(wrong)} of {len(records.procs)} records: {some}"


def storm(report, collector, name, words, seconds):
    """One storm, and the state of the tree after it."""
    before = kernelside.counters(collector.process.pid)
    begun = time.monotonic()
    done = subprocess.run([lab.program("tests/system/storm"), *words],
                          stdout=subprocess.PIPE, timeout=seconds,
                          check=True, stdin=subprocess.DEVNULL)
    took = time.monotonic() - begun
    after = kernelside.counters(collector.process.pid)
    wrong, records = kernelside.settle(collector.process.pid)
    rise = {key: after[key] - before[key] for key in after
            if after[key] != before[key]}
    print(f"# {name}: {int(done.stdout)} processes in {took:.1f} s; "
          f"{len(records.procs)} records; {rise}", flush=True)
    report.result(name, describe(wrong, records))


def lines(report, collector):
    """Lines of 100 dead ancestors are bounded, and let go of at the end."""
    with subprocess.Popen([lab.program("tests/system/storm"), "lines", "20",
                           "100"], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE) as process:
        made = int(process.stdout.readline())
        wrong, records = kernelside.settle(collector.process.pid)
        report.result("lines-of-dead", describe(wrong, records))
        dead = sum(1 for value in records.procs.values()
                   if value["flags"] & kernelside.EXITED)
        print(f"# {made} processes made, {dead} of the dead kept")
        report.result("lines-are-bounded", None if dead <= 20 * 80 else
                      f"{dead} dead of 20 lines are kept")
        process.stdin.close()
        process.wait(30)
    wrong, records = kernelside.settle(collector.process.pid)
    report.result("lines-let-go", describe(wrong, records))


def attempts(run):
    """Those of our network namespace that the kernel still holds; the
    machine's others come and go."""
    ids = kernelside.maps(run.collector.process.pid)
    ours = os.stat(run.network.path).st_ino
    return [value for name in ("attempts", "attempts_more")
            for _, value in kernelside.dump(ids[name])
            if value["netns"] == ours]


def meanwhile(report, run):
    """The cases of the truth test while two storms rage."""
    storms = [subprocess.Popen(
        [lab.program("tests/system/storm"), *words],
        stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
        for words in (["refork", "8000"], ["bomb", "8000", "200"])]
    run.generate()
    for process in storms:
        process.wait(60)
    lab.until(lambda: run.enough(run.collector.lines()), 30)
    time.sleep(1)
    wrong, records = kernelside.settle(run.collector.process.pid)
    report.result("after-all", describe(wrong, records))
    report.result("no-attempt-left", None if lab.until(
        lambda: not attempts(run), 10) else f"{len(attempts(run))} are")


def marked(bad):
    """A generation that the message itself calls unresolved."""
    return isinstance(bad.seen, bytes) and bad.seen == b"unresolved"


def judge(report, run):
    status = run.collector.stop()
    report.result("stop", f"exit {status}" if status else None)
    _, verdict = run.compare(run.collector.lines())
    unmarked = {(bad.case, bad.where) for bad in verdict.bad}
    for bad in verdict.bad:
        if marked(bad):
            unmarked.discard((bad.case, bad.where))
    shown = [bad for bad in verdict.bad if (bad.case, bad.where) in unmarked]
    for bad in shown[:30]:
        print(bad)
    for job in run.troubles:
        print(f"generator: {job.row.name}: {job.trouble}")
    print(f"# {sum(verdict.good.values())} of {len(run.targets.wants)} right, "
          f"{len(verdict.bad)} fields wrong or marked")
    report.result("connections-meanwhile", f"{len(shown)} fields wrong"
                  if shown or run.troubles else None)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    report = Report()
    with lab.Undo() as undo:
        lab.need_root_and_btf()
        rows, _ = truth.choose(set(MEANWHILE), 25)
        run = truth.Run(undo, lab.Directory(undo), rows, 7)
        run.begin()
        wrong, records = kernelside.settle(run.collector.process.pid)
        report.result("seeded", describe(wrong, records))
        for name, words, seconds in STORMS:
            if not options.only or name in options.only:
                storm(report, run.collector, name, words, seconds)
        lines(report, run.collector)
        meanwhile(report, run)
        judge(report, run)
    return 1 if report.failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except lab.Skip as reason:
        print(f"SKIP: stress: {reason}")
        sys.exit(77)
