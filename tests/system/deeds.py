#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The truth test of what is no connection: an execution, an open, a check of
a capability, a typed line, each by a process that first says who it is; then
every field of the one message there is of it, compared with that."""
import ctypes
import json
import os
import pty
import select
import shutil
import signal
import sys
import time
import types

import compare
import facts as facts_
import lab
from expect import Exactly, Like, Where

LIBC = ctypes.CDLL(None, use_errno=True)
NOBODY = 65534
CHECKS = 5


def clock():
    """Seconds between the start of this host and 1970."""
    return time.time() - time.clock_gettime(time.CLOCK_BOOTTIME)


def prompt(fd):
    """Until the shell says that it is ready."""
    said, end = b"", time.monotonic() + 30
    while b"ready$ " not in said:
        if not select.select([fd], [], [], end - time.monotonic())[0]:
            raise RuntimeError(f"bash says {said}")
        said += os.read(fd, 4096)


class Deeds(compare.Compare):
    def __init__(self, facts, pids):
        super().__init__(facts, {}, pids,
                         os.stat("/proc/self/ns/net").st_ino)
        self.may_lack = False

    def sentence(self, want, line, rows, shown, cut):
        text = b"%s %s: %s %s" % (
            self.hostname, line.event.get("suser", line.event["suid"]),
            self.truth.chain(rows, [0]), want.sentence.encode())
        if len(rows) > 1 and not cut:
            text += b"; " + self.truth.chain(rows, shown, False)
        if line.message.msg != text:
            self.note(want, "sentence", text, line.message.msg)

    def deed(self, want, line, conn):
        """All of it."""
        self.header(want, line, conn, None)
        event = {name: value for name, value in line.event.items()
                 if name not in compare.CALLER}
        self.fields(want, "", {
            "pkey": Where(f"{conn['pid']}:{conn['start']} ticks",
                          lambda seen: [int(n) // unit for n, unit in zip(
                              seen.split(b":"), (1, facts_.TICK))] ==
                          [conn["pid"], conn["start"]]),
            "externalId": Like(self.truth.boot[:16] + "-[0-9a-z-]+"),
            "adopter": Exactly(self.truth.adopter(conn)),
            **self.truth.cgroup(conn),
            **{name: value if hasattr(value, "match") else Exactly(value)
               for name, value in want.event.items()}}, event, [])
        self.ancestry(want, line, conn, conn["offset"])


class Test:
    def __init__(self, undo):
        directory = lab.Directory(undo)
        self.path = os.path.realpath(directory.path)
        os.mkdir(f"{self.path}/watched")
        self.tiny = f"{self.path}/tiny"
        shutil.copy(lab.program("tests/system/flood"), self.tiny)
        self.write("script", f"#!{self.tiny}\n")
        self.write("watched/there", "")
        self.bash = os.path.realpath(shutil.which("bash"))
        self.collector = lab.Collector(
            undo, directory, "exec: on\nreadline: {log: on}\n"
            "capable: {log: on, only: [CAP_SYS_CHROOT]}\n"
            f"open: {{log: on, paths: ['{self.path}/watched']}}\n")
        self.facts = facts_.Facts()
        self.did = []

    def write(self, name, text):
        with open(f"{self.path}/{name}", "w", encoding="ascii") as f:
            f.write(text)
        os.chmod(f"{self.path}/{name}", 0o755)

    def learn(self, row, **more):
        """A fact that is new; more: what is otherwise from here on."""
        now = facts_.boot_ns()
        row = {**row, "static": False, "at": now, "before": now, "after": now,
               "by": (os.getpid(), facts_.proc_row(os.getpid())["start"]),
               **more}
        self.facts.add(row)
        return row

    def expect(self, name, msgid, row, sentence, event):
        offset = clock()
        conn = {**row, "at": facts_.boot_ns(), "offset": offset,
                "real": self.begun}
        self.did.append((types.SimpleNamespace(
            row=types.SimpleNamespace(name=name, fields={}, kind=msgid),
            dst=msgid, dpt=0, sentence=sentence, event=event), msgid, conn))

    def act(self, name, msgid, do, sentence, event, after=None, ids=None):
        """A child says who it is, and does it; after: who it is then; ids:
        its user, and whose rights it has."""
        hear, say = os.pipe()
        self.begun = time.time()
        pid = os.fork()
        if pid == 0:
            try:
                os.chdir(self.path)
                null = os.open("/dev/null", os.O_RDWR)
                for fd in 0, 1, 2:
                    os.dup2(null, fd)
                if ids:
                    os.setresuid(*ids, ids[1])
                    LIBC.prctl(4, 1)        # PR_SET_DUMPABLE
                os.write(say, json.dumps(
                    facts_.proc_row(os.getpid())).encode())
                do()
            except OSError:
                pass
            finally:
                os._exit(0)
        os.close(say)
        row = json.loads(os.read(hear, 65536))
        os.close(hear)
        row = self.learn(row)
        os.waitpid(pid, 0)
        if after:
            row = self.learn(row, **after)
        self.expect(name, msgid, row, sentence, event)

    def executions(self):
        here = {"act": "exec", "cwd": self.path}
        for name, ids in ("exec", None), ("exec-nobody", (NOBODY, NOBODY)):
            self.act(name, "EXEC",
                     lambda: os.execv(self.tiny, ["t", "a b", "'"]),
                     f"executed {self.tiny}", {**here, "outcome": "success"},
                     {"exe": self.tiny, "asked": self.tiny, "comm": "tiny",
                      "argv": ["t", "a b", "'"]}, ids)
        self.act("exec-script", "EXEC",
                 lambda: os.execv("./script", ["x", "1"]),
                 f"executed {self.tiny} for ./script",
                 {**here, "outcome": "success"},
                 {"exe": self.tiny, "asked": "./script", "comm": "script",
                  "argv": [self.tiny, "./script", "1"]})
        self.act("exec-failed", "EXEC",
                 lambda: os.execv("./none", ["n", "x y"]),
                 "failed to execute ./none: ENOENT",
                 {**here, "outcome": "failure", "reason": "ENOENT",
                  "filePath": "./none", "argv": "n 'x y'"})

    def opens(self):
        top = f"{self.path}/watched"
        here = {"act": "open", "cwd": self.path, "watched": top}
        self.act("open", "OPEN", lambda: os.open(
            "watched/new", os.O_WRONLY | os.O_CREAT, 0o640),
                 f"opened {top}/new for write,create,cloexec",
                 {**here, "outcome": "success", "filePath": f"{top}/new",
                  "asked": "watched/new", "mode": "0640",
                  "access": "write,create,cloexec"})
        os.chmod(f"{top}/there", 0o600)
        self.act("open-failed", "OPEN",
                 lambda: os.open(f"{top}/there", os.O_RDONLY),
                 f"failed to open {top}/there for read,cloexec: EACCES",
                 {**here, "outcome": "failure", "reason": "EACCES",
                  "filePath": f"{top}/there", "access": "read,cloexec"},
                 ids=(0, NOBODY))

    def checks(self):
        def times():
            for _ in range(CHECKS):
                LIBC.chroot(b"/")

        moment = Like(r"[-0-9]{10}T[0-9:.]+Z")
        for name, ids, outcome in (("capable", None, "granted"),
                                   ("capable-not", (NOBODY, NOBODY),
                                    "denied")):
            self.act(name, "CAPABLE", times,
                     f"was {outcome} CAP_SYS_CHROOT, {CHECKS} times",
                     {"act": "capable", "outcome": outcome, "cnt": CHECKS,
                      "capability": "CAP_SYS_CHROOT", "start": moment,
                      "end": moment}, ids=ids)

    def typed(self):
        """A shell, whose line of ancestors is ours."""
        self.begun = time.time()
        pid, fd = pty.fork()
        if pid == 0:
            os.chdir(self.path)
            os.execve(self.bash, ["bash", "--norc", "--noprofile"],
                      {"PS1": "ready$ ", "TERM": "dumb", "HISTFILE": ""})
        prompt(fd)
        row = self.learn(facts_.proc_row(pid), asked=self.bash)
        tty = os.readlink(f"/proc/{pid}/fd/0").removeprefix("/dev/")
        os.write(fd, b": 'a b' wrong\x17right\n")     # ^W takes a word
        prompt(fd)
        tty = tty.replace("/", "")
        self.expect("typed", "READLINE", row,
                    f"on {tty} is told: : 'a b' right",
                    {"act": "type", "line": ": 'a b' right", "tty": tty,
                     "cwd": self.path})
        os.kill(pid, signal.SIGHUP)
        os.close(fd)
        os.waitpid(pid, 0)

    def judge(self):
        bad = []
        lines = compare.parse(self.collector.lines(), bad)
        judge = Deeds(self.facts, self.collector.pids)
        compare.series(lines, bad)
        failed = bool(bad)
        for want, msgid, conn in self.did:
            found = [line for line in lines if line.id == msgid and
                     line.event.get("spid") == b"%d" % conn["pid"]]
            judge.bad = []
            if len(found) != 1:
                judge.note(want, "messages", 1, [x.data for x in found])
            for line in found:
                judge.deed(want, line, conn)
            for wrong in judge.bad:
                print(f"# {wrong}")
            print(f"{'FAIL' if judge.bad else 'PASS'}: "
                  f"deeds/{want.row.name}", flush=True)
            failed |= bool(judge.bad)
        for wrong in bad:
            print(f"# {wrong}")
        return failed

    def run(self):
        self.collector.start()
        self.facts.ready = facts_.boot_ns()
        refused = [line for line in self.collector.lines()
                   if b" START " in line[:100]][0]
        kinds = [self.executions, self.opens]
        for kind, probe in (self.checks, b"capable"), (self.typed, b"readline"):
            if b"; " + probe in refused or b'"' + probe + b": " in refused:
                print(f"SKIP: deeds/{probe.decode()}: refused here")
            else:
                kinds.append(kind)
        for kind in kinds:
            kind()
        lab.until(lambda: sum(b" OPEN " in x[:100] or b" EXEC " in x[:100]
                              for x in self.collector.lines()) >= 6, 20)
        status = self.collector.stop()
        return self.judge() or bool(status)


def main():
    lab.need_root_and_btf()
    with lab.Undo() as undo:
        return 1 if Test(undo).run() else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except lab.Skip as reason:
        print(f"SKIP: deeds: {reason}")
        sys.exit(77)
