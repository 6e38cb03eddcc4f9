# SPDX-License-Identifier: BSD-2-Clause
"""A private rsyslogd with the ruleset that is shipped, for the tests."""
import contextlib
import os
import pathlib
import shutil
import socket
import subprocess
import threading
import time

import lab

SHIPPED = lab.HERE.parent.parent / "rsyslog.d" / "pidtreed.conf.in"
# The administrator's own action: each message as mmpstrucdata reads it.
TEMPLATE = """module(load="mmpstrucdata")
template(name="parsed" type="list") {
	constant(value="[\\"") property(name="msgid") constant(value="\\",\\"")
	property(name="procid") constant(value="\\",\\"")
	property(name="timereported" dateFormat="rfc3339")
	constant(value="\\",") property(name="$!rfc5424-sd")
	constant(value="]\\n")
}
"""
ACTIONS = """action(type="mmpstrucdata" sd_name.lowercase="off")
action(type="omfile" file="%s" template="parsed")
"""
# The queue of a datagram socket has the length that its creator's network
# namespace says: 10 in the kernel, 512 once systemd has booted the machine
# (bump_unix_max_dgram_qlen in its src/core/main.c).
BOOTED = ["unshare", "--net", "sh", "-c",
          'echo 512 >/proc/sys/net/unix/max_dgram_qlen && exec "$@"', "sh"]


class Rsyslogd:
    """socket: where it listens; log: the file; parsed: JSON lines."""

    def __init__(self, undo, directory, parse=True, nice=0):
        self.nice = nice
        self.daemon = shutil.which("rsyslogd", path=os.environ["PATH"] +
                                   ":/usr/sbin")
        if not self.daemon:
            raise lab.Skip("needs rsyslogd")
        self.base = pathlib.Path(directory / "rsyslog")
        self.base.mkdir()
        # what tmpfiles.d makes: the directory is the access control
        self.base.chmod(0o755)
        (self.base / "actions.d").mkdir()
        (self.base / "forward.d").mkdir()
        self.socket = self.base / "socket"
        self.log = self.base / "pidtreed.log"
        self.parsed = self.base / "parsed"
        self.pidfile = self.base / "pid"
        self.conf = self.base / "rsyslog.conf"
        if parse:
            (self.base / "actions.d/parsed.conf").write_text(
                ACTIONS % self.parsed)
        self.write(parse)
        self.process = None
        undo.callback(self.stop)

    def write(self, parse):
        text = SHIPPED.read_text()
        for name, value in (("socket", self.socket), ("logfile", self.log),
                            ("forwarddir", self.base / "forward.d"),
                            ("actionsdir", self.base / "actions.d")):
            text = text.replace(f"@{name}@", str(value))
        head = 'module(load="imuxsock" SysSock.Use="off")\n' \
            f'global(workDirectory="{self.base}")\n'
        if parse:
            head += TEMPLATE
        self.conf.write_text(head + text)

    def start(self):
        with contextlib.suppress(FileNotFoundError):
            self.socket.unlink()
        self.process = subprocess.Popen(
            [*BOOTED, "nice", "-n", str(self.nice), self.daemon, "-n", "-f",
             str(self.conf), "-i", str(self.pidfile)],
            stdin=subprocess.DEVNULL,
            stdout=open(self.base / "errors", "ab"),
            stderr=subprocess.STDOUT)
        until = time.monotonic() + 15
        while not self.socket.exists():
            if time.monotonic() > until or self.process.poll() is not None:
                raise RuntimeError("rsyslogd: " + self.trouble())
            time.sleep(0.05)
        if "error" in self.trouble():
            raise RuntimeError(self.trouble())
        self.socket.chmod(0o666)

    def trouble(self):
        return (self.base / "errors").read_text(errors="replace")

    def stop(self):
        if self.process:
            lab.stop(self.process)

    def lines(self):
        try:
            return self.log.read_bytes().split(b"\n")[:-1]
        except FileNotFoundError:
            return []

    def parsed_lines(self):
        return self.parsed.read_bytes().split(b"\n")[:-1]


class Tap:
    """Between the collector and rsyslogd: passes datagrams on, remembers
    them as they went in."""

    def __init__(self, undo, directory, target):
        self.path = directory / "tap"
        self.seen = []
        self.target = str(target)
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(self.path))
        os.chmod(self.path, 0o666)
        self.out = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()
        undo.callback(self.close)

    def run(self):
        while True:
            data = self.socket.recv(65536)
            if data == b"end":
                return
            self.seen.append(data)
            self.out.sendto(data, self.target)

    def close(self):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as other:
            other.sendto(b"end", str(self.path))
        self.thread.join(5)
