#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Checks of capabilities that a process of our own brings about, so many as it
likes, compared with what the log has counted."""
import os
import signal
import subprocess
import sys

import lab
import rfc5424_strict

CAP = b"CAP_SYS_CHROOT"
# Each line: how often to ask for CAP_SYS_CHROOT, or what to become first.
ACTOR = """
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
for line in sys.stdin:
    if line == "user\\n":
        os.setresuid(65534, 65534, 65534)
    elif line == "namespace\\n":
        if libc.unshare(0x10000000) != 0:       # CLONE_NEWUSER
            print("refused", ctypes.get_errno(), flush=True)
            continue
    else:
        for _ in range(int(line)):
            try:
                os.chroot("/")
            except PermissionError:
                pass
    print("done", os.stat("/proc/self/ns/user").st_ino, flush=True)
"""


class Actor:
    def __init__(self, undo):
        self.process = subprocess.Popen(
            [sys.executable, "-ISc", ACTOR], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True)
        undo.callback(self.end)
        self.pid = self.process.pid

    def tell(self, what):
        self.process.stdin.write(f"{what}\n")
        self.process.stdin.flush()
        word, number = self.process.stdout.readline().split()
        if word != "done":
            raise lab.Skip(f"no user namespace: error {number}")
        return int(number)

    def end(self):
        self.process.stdin.close()
        self.process.wait(20)
        self.process.stdout.close()


class Test:
    def __init__(self, undo):
        self.undo = undo
        self.collector = lab.Collector(undo, lab.Directory(undo))
        self.collector.log.touch()
        self.text = self.collector.conf.read_text()
        self.failed = False
        self.seen = 0

    def report(self, name, wrong):
        for line in wrong[:20]:
            print(f"# {name}: {line}")
        print(f"{'FAIL' if wrong else 'PASS'}: capable/{name}", flush=True)
        self.failed |= bool(wrong)

    def messages(self, *msgids):
        return [rfc5424_strict.check(x) for x in self.collector.lines()
                if any(b" %s " % i in x[:100] for i in msgids)]

    def load(self, options):
        before = len(self.messages(b"START", b"RELOAD"))
        self.collector.conf.write_text(
            f"{self.text}capable: {{{options}}}\n")
        if self.collector.process is None:
            self.collector.start()
        else:
            self.collector.process.send_signal(signal.SIGHUP)
        if not lab.until(lambda: len(self.messages(b"START", b"RELOAD")) >
                         before, 20):
            raise RuntimeError("no START or RELOAD: " +
                               self.collector.trouble())
        return self.messages(b"START", b"RELOAD")[-1].element(b"event")

    def stop(self):
        status = self.collector.stop()
        self.collector.process = None
        if status:
            self.report("exit", [f"{status}", self.collector.trouble()])

    def told(self, *actors):
        """What was not asked for yet, of these."""
        pids = [b"%d" % actor.pid for actor in actors]
        return [m for m in self.messages(b"CAPABLE")[self.seen:]
                if m.element(b"event")[b"spid"] in pids]

    def expect(self, name, actors, rows):
        """rows: (actor, verdict, checks, more fields); the collector has
        stopped, and with that told what it had counted."""
        wrong, found = [], self.told(*actors)
        self.seen = len(self.messages(b"CAPABLE"))
        rest = [m.element(b"event") for m in found]
        for actor, verdict, checks, more in rows:
            want = {b"act": b"capable", b"capability": CAP,
                    b"outcome": verdict, b"cnt": b"%d" % checks,
                    b"spid": b"%d" % actor.pid, b"askedns": None, **more}
            fits = [event for event in rest
                    if all(event.get(k) == v for k, v in want.items())]
            if len(fits) != 1:
                wrong.append(f"{want}: {len(fits)}")
                continue
            rest.remove(fits[0])
            if not fits[0][b"start"] <= fits[0][b"end"]:
                wrong.append(f"times {fits[0]}")
        wrong += [f"not expected: {event}" for event in rest]
        for m in found:
            line = m.element(b"ancestry")
            if line.get(b"spid1") != b"%d" % os.getpid():
                wrong.append(f"ancestry {line}")
            event = m.element(b"event")
            if b" was %s CAP_SYS_CHROOT" % event[b"outcome"] not in m.msg:
                wrong.append(f"sentence {m.msg}")
        self.report(name, wrong)

    def off(self):
        """Off by default; a reload turns it on and off, as a start does."""
        wrong = []
        event = self.load("log: off")
        if b"capable" in event[b"probes"].split(b","):
            wrong.append("active by default")
        for again in True, False:
            event = self.load("log: on, only: [CAP_SYS_CHROOT]")
            active = [p for p in event[b"probes"].split(b",")
                      if p.startswith(b"capable")]
            if len(active) != 1 or b"refused" in event:
                wrong.append(f"active: {active}, refused: "
                             f"{event.get(b'refused')}")
            if again:
                late = Actor(self.undo)
                late.tell(3)
                self.stop()
        actor = Actor(self.undo)
        event = self.load("log: off")
        if b"capable" in event[b"probes"]:
            wrong.append("active when it is off")
        actor.tell(3)
        self.load("log: on, only: [sys_chroot], interval: 300s")
        actor.tell(2)
        self.stop()
        self.expect("off", [actor, late], [(late, b"granted", 3, {}),
                                           (actor, b"granted", 2, {})])
        self.report("switch", wrong)

    def lineage(self):
        self.load("log: on, only: [CAP_SYS_CHROOT], interval: 300s")
        one, other = Actor(self.undo), Actor(self.undo)
        one.tell(7)
        other.tell(300)
        one.tell("user")
        one.tell(5)
        other.tell(1)
        self.stop()
        self.expect("lineage", [one, other], [
            (one, b"granted", 308, {b"suid": b"0"}),
            (one, b"denied", 5, {b"suid": b"65534"})])

    def process(self):
        self.load("log: on, only: [CAP_SYS_CHROOT], by: process, "
                  "interval: 300s")
        one, other = Actor(self.undo), Actor(self.undo)
        one.tell(7)
        other.tell(3)
        one.tell(1)
        self.stop()
        self.expect("process", [one, other], [
            (one, b"granted", 8, {}), (other, b"granted", 3, {})])

    def verdict(self):
        self.load("log: denied, only: [CAP_SYS_CHROOT, CAP_SETUID]")
        one = Actor(self.undo)
        one.tell(7)
        one.tell("user")
        one.tell(2)
        self.stop()
        self.expect("verdict", [one], [(one, b"denied", 2, {})])

    def namespace(self):
        """In its own user namespace it may; of the host it has nothing."""
        self.load("log: on, only: [CAP_SYS_CHROOT]")
        one = Actor(self.undo)
        one.tell("user")
        inode = one.tell("namespace")
        one.tell(4)
        self.stop()
        self.expect("namespace", [one], [
            (one, b"granted", 4, {b"askedns": b"%d" % inode})])

    def interval(self):
        self.load("log: on, only: [CAP_SYS_CHROOT], interval: 1s")
        one = Actor(self.undo)
        wrong = []
        for times in 1, 2:
            one.tell(6)
            if not lab.until(lambda: len(self.told(one)) == times, 20):
                wrong.append(f"{len(self.told(one))} messages, {times}")
        self.stop()
        self.report("told-while-it-runs", wrong)
        # each by its id, as both have the same fields
        self.expect("interval", [one], [
            (one, b"granted", 6, {b"externalId": m.element(b"event")[
                b"externalId"]}) for m in self.told(one)])

    def crash(self):
        """Checks of before a crash are told by the next collector."""
        self.load("log: on, only: [CAP_SYS_CHROOT], interval: 300s")
        one = Actor(self.undo)
        one.tell(6)
        self.collector.kill()
        self.collector.process = None
        self.load("log: on, only: [CAP_SYS_CHROOT], interval: 300s")
        one.tell(4)
        self.stop()
        self.expect("crash", [one], [(one, b"granted", 6, {}),
                                     (one, b"granted", 4, {})])

    def losses(self):
        """Nothing of this was too much."""
        lost = [event for event in (m.element(b"event") for m in
                                    self.messages(b"STOP"))
                if event.get(b"checks_full", b"0") != b"0"]
        self.report("nothing-lost", [f"{event}" for event in lost])


def main():
    lab.need_root_and_btf()
    with lab.Undo() as undo:
        test = Test(undo)
        test.off()
        test.lineage()
        test.process()
        test.verdict()
        test.namespace()
        test.interval()
        test.crash()
        test.losses()
    return 1 if test.failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except lab.Skip as reason:
        print(f"SKIP: capable: {reason}")
        sys.exit(77)
