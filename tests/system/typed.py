#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Lines typed into bash, on a terminal of our own, compared with the one
message that the log has of each."""
import os
import pty
import shutil
import signal
import sys
import termios

import lab
import stage



class Shell:
    """bash on a terminal; it is told a line when it has asked for one."""

    def __init__(self, undo, bash, directory, chroot=None):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(directory)
            if chroot:
                os.chroot(chroot)
                os.chdir("/")
            os.execve(bash, ["bash", "--norc", "--noprofile", "-i"],
                      {"PS1": "ask%", "TERM": "dumb", "HISTFILE": "",
                       "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"})
        undo.callback(self.end)
        echo = termios.tcgetattr(self.fd)
        echo[3] &= ~termios.ECHO
        termios.tcsetattr(self.fd, termios.TCSANOW, echo)
        self.tty = None
        self.seen = b""
        self.wait()
        self.tty = os.path.basename(os.path.dirname(self.name())) + \
            os.path.basename(self.name())

    def name(self):
        return os.readlink(f"/proc/{self.pid}/fd/0")

    def wait(self):
        while b"ask%" not in self.seen:
            more = os.read(self.fd, 4096)
            if not more:
                raise RuntimeError("bash has ended")
            self.seen += more
        self.seen = self.seen.split(b"ask%", 1)[1]

    def tell(self, line, asks=True):
        os.write(self.fd, line + b"\n")
        if asks:
            self.wait()

    def end(self):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.fd)


class Test(stage.Stage):
    def __init__(self, undo):
        super().__init__(undo, "readline", b"READLINE")
        self.bash = os.path.realpath(shutil.which("bash"))

    def typed(self, shell):
        return [m for m in self.messages(b"READLINE")
                if m.element(b"event")[b"spid"] == b"%d" % shell.pid]

    def expect(self, shell, rows):
        """rows: (name, line, fields of its message, or None: there is none).
        They come in the order in which they were typed."""
        had = len(self.typed(shell))
        for _, line, _ in rows:
            shell.tell(line)
        wanted = [row for row in rows if row[2] is not None]
        lab.until(lambda: len(self.typed(shell)) >= had + len(wanted), 20)
        found = self.typed(shell)[had:]
        if len(found) != len(wanted):
            self.report("count", [f"{len(found)} messages, {len(wanted)} "
                                  "expected", *(str(m.msg) for m in found)])
            return
        for (name, line, fields), m in zip(wanted, found):
            self.report(name, list(self.compare(shell, line, fields, m)))

    def compare(self, shell, line, fields, m):
        event, ancestry = m.element(b"event"), m.element(b"ancestry")
        want = {"act": "type", "line": line.decode(), "tty": shell.tty,
                "linecut": None, "sproc": "bash", "exe": self.bash,
                "cwd": self.path, "root": None, "mntns": None,
                "outcome": None, **fields}
        for key, value in want.items():
            got = event.get(key.encode())
            if got != (None if value is None else value.encode()):
                yield f"{key}: {value} expected, {got}"
        if ancestry.get(b"spid1") != b"%d" % os.getpid() or \
                int(ancestry[b"depth"]) < 3:
            yield f"ancestry {ancestry}"
        if f" on {shell.tty} is told: ".encode() not in m.msg:
            yield f"sentence {m.msg}"
        hidden = "line" in ancestry.get(b"redacted", b"").decode().split(",")
        if hidden != ("[redacted:" in want["line"]):
            yield f"redacted: {ancestry.get(b'redacted')}"

    def off(self):
        """Off by default, and then only a start can change it; off and on
        while the shell goes on."""
        wrong = []
        if b"readline" in self.load("").get(b"probes", b"").split(b","):
            wrong.append("active by default")
        shell = Shell(self.undo, self.bash, self.path)
        shell.tell(b": not logged")
        refused = self.load("readline: {log: on}\n").get(b"refused", b"")
        if b"readline: " not in refused or b"restart" not in refused:
            wrong.append(f"refused {refused}")
        self.collector.stop()
        self.collector.process = None
        if b"readline" not in self.load("readline: {log: on}\n")[
                b"probes"].split(b","):
            wrong.append("not active when it is on")
        shell.tell(b": was asked for before")
        shell.tell(b": is logged")
        lab.until(lambda: self.typed(shell), 20)
        if b"readline" in self.load("readline: {log: off}\n")[
                b"probes"].split(b","):
            wrong.append("active when it is off")
        shell.tell(b": not logged either")
        self.load("readline: {log: on}\n")
        shell.tell(b": the last")
        lab.until(lambda: len(self.typed(shell)) > 1, 20)
        lines = [m.element(b"event").get(b"line") for m in self.typed(shell)]
        if lines != [b": is logged", b": the last"]:
            wrong.append(f"logged {lines}")
        self.report("off", wrong)

    def lines(self):
        shell = Shell(self.undo, self.bash, self.path)
        os.mkdir(f"{self.path}/below")
        long = b": " + 204 * b"word "
        self.expect(shell, [
            ("plain", b"true abc 'x y'", {}),
            ("nothing", b"", None),
            ("quotes", b": \"a]b\" 'c\\d'", {}),
            ("utf-8", ": grün".encode(), {}),
            ("secret", b": mysql --password=geheim -e x",
             {"line": ": mysql --password=[redacted:6] -e x"}),
            ("secret-after-another", b"true; : PGPASSWORD=geheim; "
             b"curl --version -u me:geheim >/dev/null; true",
             {"line": "true; : PGPASSWORD=[redacted:6]; "
              "curl --version -u me:[redacted:6] >/dev/null; true"}),
            ("cd", b"cd below", {}),
            ("elsewhere", b":", {"cwd": self.path + "/below"}),
            ("whole", long[:1022], {"cwd": self.path + "/below"}),
            ("long", long + b"end", {"line": (long + b"end")[:1023].decode(),
                                     "linecut": "1",
                                     "cwd": self.path + "/below"}),
        ])

    def copies(self):
        """A copy of bash where nobody looks, named in the configuration;
        and the user's modes of cmd."""
        copy = f"{self.path}/shell"
        shutil.copy(self.bash, copy)
        self.collector.stop()
        self.collector.process = None
        self.load(f"readline: {{log: on, files: [{copy}]}}\n")
        shell = Shell(self.undo, copy, self.path)
        self.expect(shell, [("copy", b": in a copy",
                             {"exe": copy, "sproc": "shell"})])
        self.load(f"readline: {{log: on, files: [{copy}]}}\ncmd: argv0\n")
        self.expect(shell, [("argv0", b"echo secret >/dev/null",
                             {"line": "echo", "exe": copy,
                              "sproc": "shell"}),
                            ("argv0-assign", b"A_B=secret true",
                             {"line": "A_B", "exe": copy,
                              "sproc": "shell"}),
                            ("argv0-here", b"true<<<secret",
                             {"line": "true", "exe": copy,
                              "sproc": "shell"})])
        self.load(f"readline: {{log: on, files: [{copy}]}}\ncmd: none\n")
        had = len(self.typed(shell))
        shell.tell(b"echo secret >/dev/null")
        lab.until(lambda: len(self.typed(shell)) > had, 20)
        event = self.typed(shell)[-1].element(b"event")
        self.report("none", [f"{event}"] if len(self.typed(shell)) == had or
                    b"line" in event else [])

    def crash(self):
        """What was typed before a crash is told by the next collector."""
        self.load("readline: {log: on}\n")
        shell = Shell(self.undo, self.bash, self.path)
        self.collector.process.send_signal(signal.SIGSTOP)
        shell.tell(b": before the crash")
        self.collector.kill()
        self.collector.start()
        lab.until(lambda: self.typed(shell), 20)
        lines = [m.element(b"event").get(b"line") for m in self.typed(shell)]
        self.report("crash", [] if lines == [b": before the crash"]
                    else [f"{lines}"])


def main():
    lab.need_root_and_btf()
    if shutil.which("bash") is None:
        raise lab.Skip("bash is missing")
    with lab.Undo() as undo:
        test = Test(undo)
        test.off()
        test.lines()
        test.copies()
        test.crash()
        status = test.collector.stop()
        if status:
            test.report("exit", [f"{status}", test.collector.trouble()])
        if b"geheim" in b"\n".join(
                x for x in test.collector.log.read_bytes().split(b"\n")
                if b" READLINE " in x[:100]):
            test.report("secrets", ["a secret is in the log"])
    return 1 if test.failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except lab.Skip as reason:
        print(f"SKIP: readline: {reason}")
        sys.exit(77)
