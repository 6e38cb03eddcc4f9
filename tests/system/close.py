#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""How connections end: each way is done with real sockets in a namespace of
its own, then the CLOSE messages are held against what was done."""
import collections
import ctypes
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

import lab
import rfc5424_strict

ADDRESS4, ADDRESS6, FILTERED = "198.51.100.77", "2001:db8:5::77", "192.0.2.77"
BIG = 3_000_000
LINGER0 = struct.pack("ii", 1, 0)
TCP_USER_TIMEOUT, TCP_FASTOPEN = 18, 23
MSG_FASTOPEN = 0x20000000


# The other side, by name: what it does with a connection.
def drain(conn):
    while conn.recv(65536):
        pass


def answer(conn):
    drain(conn)
    conn.sendall(b"a" * 1234)


def speak(conn):
    conn.sendall(b"hello")
    conn.shutdown(socket.SHUT_WR)
    drain(conn)


def flood(conn):
    conn.sendall(b"f" * BIG)


def reset(conn):
    conn.recv(4, socket.MSG_WAITALL)
    conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER0)


def reset_late(conn):
    drain(conn)
    conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER0)


def keep(conn):
    conn.recv(4, socket.MSG_WAITALL)
    KEPT.append(conn.dup())


KEPT = []


# This side: what it does, bytes in and out, as the kernel has to see them.
def end(s):
    """Until the other side has ended too."""
    s.shutdown(socket.SHUT_WR)
    got = 0
    while more := s.recv(65536):
        got += len(more)
    s.close()
    return got


def act_local(s):
    s.sendall(b"x" * BIG)
    return end(s), BIG


def act_silent(s):
    return end(s), 0


def act_remote(s):
    got = 0
    while more := s.recv(100):
        got += len(more)
    s.sendall(b"xyz")
    s.close()
    return got, 3


def act_flood(s):
    got = 0
    while more := s.recv(65536):
        got += len(more)
    s.close()
    return got, 0


def act_reset(s):
    s.sendall(b"abcd")
    try:
        s.recv(1)
    except ConnectionResetError:
        pass
    s.close()
    return 0, 4


def act_reset_late(s):
    s.sendall(b"abcd")
    s.shutdown(socket.SHUT_WR)
    return act_wait(s)


def act_wait(s):
    try:
        s.recv(1)
    except ConnectionResetError:
        pass
    s.close()
    return 0, 4


def act_abort(s):
    s.sendall(b"abcd")
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER0)
    s.close()
    return 0, 4


def act_unread(s):
    while len(s.recv(65536, socket.MSG_PEEK)) < 5:
        pass
    s.close()
    return 5, 0


def act_orphan(s):
    s.sendall(b"abcd")
    s.close()
    return 0, 4


def act_killed(s):
    s.sendall(b"abcd")
    child = os.fork()
    if child == 0:
        signal.pause()
        os._exit(0)
    s.close()
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return 0, 4


# name, this side, the other, outcome, who; on a port each, in this order
Case = collections.namedtuple("Case", "name act other outcome by")
CASES = [
    Case("local-first", act_local, answer, "closed", "local"),
    Case("local-first-silent", act_silent, drain, "closed", "local"),
    Case("remote-first", act_remote, speak, "closed", "remote"),
    Case("remote-first-flood", act_flood, flood, "closed", "remote"),
    Case("reset-by-remote", act_reset, reset, "reset", "remote"),
    Case("reset-after-our-end", act_reset_late, reset_late, "reset", "local"),
    Case("aborted", act_abort, drain, "aborted", "local"),
    Case("unread", act_unread, speak, "aborted", None),
    Case("orphan", act_orphan, keep, "closed", "local"),
    Case("killed", act_killed, drain, "closed", "local"),
    Case("fast-open", None, answer, "closed", "local"),
    Case("fast-open-again", None, answer, "closed", "local"),
]
FIRST = 3000        # + index; + 100 over IPv6; + 200 is filtered
TWICE, REFUSED, TIMEOUT = 3090, 3099, 1000


def serve(address, port, what):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    s = socket.socket(family)
    s.setsockopt(socket.IPPROTO_TCP, TCP_FASTOPEN, 16)
    s.bind((address, port))
    s.listen(16)

    def loop():
        while True:
            conn, _ = s.accept()
            with conn:
                try:
                    what(conn)
                except OSError:
                    pass
    threading.Thread(target=loop, daemon=True).start()


def one(case, address, port):
    """Does it; the bytes in and out."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    s = socket.socket(family)
    if case.act:
        s.connect((address, port))
        return case.act(s)
    s.sendto(b"early" * 10, MSG_FASTOPEN, (address, port))
    return end(s), 50


def timed_out(out):
    """Nothing comes back any more, and what is sent is sent again."""
    s = socket.create_connection((f"{lab.LIVE4}.9", TIMEOUT))
    print("connected", flush=True)
    sys.stdin.readline()
    s.setsockopt(socket.IPPROTO_TCP, TCP_USER_TIMEOUT, 1500)
    s.sendall(b"x" * 5000)
    try:
        s.recv(1)
    except OSError as error:
        out.append((TIMEOUT, 0, 5000, "timeout", None, error.errno))
    s.close()


def act_all():
    """In the namespace: every case; what is true, as JSON."""
    out = []
    for base, address in ((FIRST, ADDRESS4), (FIRST + 100, ADDRESS6),
                          (FIRST + 200, FILTERED)):
        for i, case in enumerate(CASES):
            port = base + i
            serve(address, port, case.other)
            got, sent = one(case, address, port)
            if address != FILTERED:
                out.append((port, got, sent, case.outcome, case.by, 0))
    # one socket, twice
    serve(ADDRESS4, TWICE, drain)
    s = socket.socket()
    for n in 7, 8:
        s.connect((ADDRESS4, TWICE))
        s.sendall(b"x" * n)
        disconnect(s)
        out.append((TWICE, 0, n, "aborted", "local", 0))
    s.close()
    socket.socket().connect_ex((ADDRESS4, REFUSED))
    timed_out(out)
    print(json.dumps(out), flush=True)
    sys.stdin.readline()


def disconnect(s):
    """connect(2): AF_UNSPEC."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.connect(s.fileno(), b"\0" * 16, 16):
        raise OSError(ctypes.get_errno(), "disconnect")


def flood_of(n):
    """In the namespace: connections that begin and end."""
    serve(ADDRESS4, FIRST, drain)
    for _ in range(n):
        with socket.create_connection((ADDRESS4, FIRST)) as s:
            s.sendall(b"x")
    print("done", flush=True)


class Test:
    def __init__(self, undo):
        self.undo = undo
        self.directory = lab.Directory(undo)
        self.network = lab.Network(undo)
        for words in (f"addr add {ADDRESS4}/32 dev lo",
                      f"addr add {FILTERED}/32 dev lo",
                      f"addr add {ADDRESS6}/128 dev lo nodad"):
            self.network.on_client(words)
        self.network.sysctl(self.network.client, ipv4__tcp_fin_timeout=1,
                            ipv4__tcp_fastopen=3)
        self.collector = lab.Collector(undo, self.directory)
        self.netns = str(os.stat(self.network.path).st_ino).encode()
        self.failed = False

    def report(self, name, wrong):
        for line in wrong[:20]:
            print(f"# {name}: {line}")
        print(f"{'FAIL' if wrong else 'PASS'}: close/{name}")
        self.failed |= bool(wrong)

    def actor(self, *words):
        process = subprocess.Popen(
            ["ip", "netns", "exec", self.network.client, sys.executable,
             __file__, *words], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True)
        self.undo.callback(lab.stop, process)
        return process

    def events(self, *msgids):
        """(MSGID, event) of our namespace, in order."""
        out = []
        for line in self.collector.lines():
            m = rfc5424_strict.check(line)
            event = m.element(b"event")
            if m.msgid in msgids and event.get(b"netns") == self.netns:
                out.append((m.msgid, event, line))
        return out

    def closes(self, n):
        lab.until(lambda: len(self.events(b"CLOSE")) >= n, 20)
        return self.events(b"CLOSE")

    def probes(self):
        lines = [rfc5424_strict.parse(line) for line in self.collector.lines()]
        return [m.element(b"event")[b"probes"].decode().split(",")
                for m in lines if m.msgid in (b"START", b"RELOAD")][-1]

    def ways(self):
        """Every case."""
        actor = self.actor("--act")
        if actor.stdout.readline() != "connected\n":
            raise RuntimeError("the client failed")
        blackhole = f"route add blackhole {lab.CLIENT4}/32"
        self.network.on_server(blackhole)
        actor.stdin.write("\n")
        actor.stdin.flush()
        facts = json.loads(actor.stdout.readline())
        self.network.on_server(blackhole.replace("add", "del"))
        seen = self.closes(len(facts))
        actor.stdin.close()
        actor.wait(20)
        names = {base + i: case.name + tail for base, tail in
                 ((FIRST, ""), (FIRST + 100, "-ipv6"))
                 for i, case in enumerate(CASES)}
        names.update({TWICE: "twice", TIMEOUT: "timeout"})
        by_port = collections.defaultdict(list)
        for _, event, line in seen:
            by_port[int(event[b"dpt"])].append((event, line))
        for port, name in names.items():
            want = [fact for fact in facts if fact[0] == port]
            self.report(name, self.compare(want, by_port.pop(port, [])))
        self.report("filtered, refused", [f"port {port}: a CLOSE"
                                          for port in by_port])
        self.report("order", self.order())

    @staticmethod
    def compare(want, seen):
        wrong = []
        if len(want) != len(seen):
            return [f"{len(want)} CLOSE messages expected, {len(seen)} there"]
        for (port, got, sent, outcome, who, _), (event, line) in \
                zip(want, seen):
            for key, value in ((b"act", "close"), (b"in", str(got)),
                               (b"out", str(sent)), (b"outcome", outcome),
                               (b"proto", "TCP"), (b"dpt", str(port)),
                               (b"closedBy", who)):
                if key == b"closedBy" and port in UNREAD:
                    continue        # whose end is first is a race
                if event.get(key, b"").decode() != (value or ""):
                    wrong.append(f"{key.decode()}: expected {value}, seen "
                                 f"{event.get(key)}")
            if int(event[b"duration"]) > 60000:
                wrong.append(f"duration {event[b'duration']}")
            if b"[ancestry@" in line or len(line) > 560:
                wrong.append(f"{len(line)} bytes: {line}")
        return wrong

    def order(self):
        """Each CLOSE behind its CONNECT, once, with the same tuple."""
        connects, ended, wrong = {}, set(), []
        for msgid, event, _ in self.events(b"CONNECT", b"CLOSE"):
            if msgid == b"CONNECT":
                connects[event[b"externalId"]] = event
                continue
            begun = connects.get(event[b"cid"])
            if not begun or event[b"cid"] in ended:
                wrong.append(f"cid {event[b'cid']}: no CONNECT before it")
                continue
            ended.add(event[b"cid"])
            for key in (b"src", b"spt", b"dst", b"dpt", b"netns"):
                if begun.get(key) != event.get(key):
                    wrong.append(f"{key}: {begun.get(key)}, then "
                                 f"{event.get(key)}")
            if event[b"externalId"] == begun[b"externalId"]:
                wrong.append("the same externalId")
        return wrong

    def crash(self):
        """Connections end while there is no collector: none is lost."""
        before = {e[b"cid"] for _, e, _ in self.events(b"CLOSE")}
        self.collector.kill()
        actor = self.actor("--flood", "400")
        if actor.stdout.readline() != "done\n":
            raise RuntimeError("the client failed")
        self.collector.start()
        self.closes(len(before) + 400)
        after = [e[b"cid"] for _, e, _ in self.events(b"CLOSE")
                 if e[b"cid"] not in before]
        wrong = []
        if len(after) != 400 or len(set(after)) != 400:
            wrong.append(f"400 CLOSE messages expected, {len(after)} there, "
                         f"{len(set(after))} different")
        self.report("crash", wrong + self.order())

    def reload(self):
        """close: off, and on again."""
        wrong = []
        text = self.collector.conf.read_text()
        for setting in "off", "on":
            begun = len(self.events(b"CLOSE"))
            connects = len(self.events(b"CONNECT"))
            states = len(self.collector.lines())
            self.collector.conf.write_text(f"{text}close: {setting}\n")
            self.collector.process.send_signal(signal.SIGHUP)
            lab.until(lambda n=states: any(
                b" RELOAD [" in line for line in self.collector.lines()[n:]),
                20)
            if ("close" in self.probes()) != (setting == "on"):
                wrong.append(f"{setting}: probes {self.probes()}")
            actor = self.actor("--flood", "20")
            actor.stdout.readline()
            actor.wait(20)
            want = begun + (20 if setting == "on" else 0)
            lab.until(lambda n=connects: len(self.events(b"CONNECT")) >=
                      n + 20, 20)
            if setting == "on":
                self.closes(want)
            else:
                time.sleep(1)
            if len(self.events(b"CLOSE")) != want:
                wrong.append(f"{setting}: {len(self.events(b'CLOSE'))}, "
                             f"{want} expected")
        self.report("reload", wrong)


UNREAD = [base + i for base in (FIRST, FIRST + 100)
          for i, case in enumerate(CASES) if case.name == "unread"]


def main():
    lab.need_root_and_btf()
    with lab.Undo() as undo:
        test = Test(undo)
        test.collector.start()
        test.report("probe", [] if "close" in test.probes() else
                    [f"probes {test.probes()}"])
        test.ways()
        test.crash()
        test.reload()
        status = test.collector.stop()
        if status:
            test.report("exit", [f"{status}", test.collector.trouble()])
    return 1 if test.failed else 0


if __name__ == "__main__":
    if sys.argv[1:] == ["--act"]:
        act_all()
    elif sys.argv[1:2] == ["--flood"]:
        flood_of(int(sys.argv[2]))
    else:
        try:
            sys.exit(main())
        except lab.Skip as reason:
            print(f"SKIP: close: {reason}")
            sys.exit(77)
