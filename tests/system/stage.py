# SPDX-License-Identifier: BSD-2-Clause
"""A collector whose configuration changes while a test's own processes do
something, and what its log has of them."""
import os
import signal

import lab
import rfc5424_strict


class Stage:
    """name: the results are NAME/...; shared: MSGIDs that the rest of this
    machine causes, too: of these only ours are looked at."""

    def __init__(self, undo, name, *shared):
        self.undo, self.name = undo, name
        self.directory = lab.Directory(undo)
        self.path = os.path.realpath(self.directory.path)
        self.collector = lab.Collector(undo, self.directory)
        self.collector.log.touch()
        self.text = self.collector.conf.read_text()
        self.failed = False
        self.shared = [b" %s " % msgid for msgid in shared]
        self.marks = [b' spid1="%d"' % os.getpid()]
        self.offset, self.parsed = 0, []

    def report(self, name, wrong):
        for line in wrong[:20]:
            print(f"# {name}: {line}")
        print(f"{'FAIL' if wrong else 'PASS'}: {self.name}/{name}", flush=True)
        self.failed |= bool(wrong)

    def ours(self, line):
        return any(mark in line for mark in self.marks) or not any(
            msgid in line[:100] for msgid in self.shared)

    def messages(self, *msgids):
        with open(self.collector.log, "rb") as f:
            f.seek(self.offset)
            data = f.read()
        whole = data.rfind(b"\n") + 1
        self.offset += whole
        self.parsed += [rfc5424_strict.check(line) for line in
                        data[:whole].splitlines() if self.ours(line)]
        return [m for m in self.parsed if m.msgid in msgids]

    def told(self, *msgids):
        """pid -> messages of our processes."""
        out = {}
        for m in self.messages(*msgids):
            out.setdefault(int(m.element(b"event")[b"spid"]), []).append(m)
        return out

    def load(self, more):
        """The START or RELOAD of a configuration with that."""
        before = len(self.messages(b"START", b"RELOAD"))
        self.collector.conf.write_text(self.text + more)
        if self.collector.process is None:
            self.collector.start()
        else:
            self.collector.process.send_signal(signal.SIGHUP)
        if not lab.until(lambda: len(self.messages(b"START", b"RELOAD")) >
                         before, 20):
            raise RuntimeError("no START or RELOAD: " +
                               self.collector.trouble())
        return self.messages(b"START", b"RELOAD")[-1].element(b"event")

    def probes(self, more):
        """What is active with that configuration."""
        return self.load(more)[b"probes"].decode().split(",")
