#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Inbound connections in a namespace of their own: which are logged, with both
ends, and as whose."""
import json
import os
import signal
import subprocess
import sys

import lab
import rfc5424_strict

# Listens where its first line says, [[address, port, how], ...]; tells its pid
# for each, then connects as further lines say: [address, port, times, from].
ACTOR = r"""
import json, os, signal, socket, sys
def listen(address, port):
    s = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
    s.bind((address, port))
    s.listen(100)
    return s
kept, pids, children = [], [], []
def child(run):
    r, w = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(r)
        run(w)
        os._exit(0)
    os.close(w)
    said = os.read(r, 20)
    os.close(r)
    return pid, int(said)
def held(address, port):
    # listens, leaves the socket to a child that accepts, and ends
    def begin(w):
        s = listen(address, port)
        if os.fork() == 0:
            os.write(w, b"%d" % os.getpid())
            os.close(w)
            while True:
                kept.append(s.accept()[0])
    pid, worker = child(begin)
    os.waitpid(pid, 0)
    children.append(worker)
    return pid
def left(address, port):
    # a child of nobody listens, and ends: without children, nothing keeps it
    s = socket.socket()
    s.bind((address, port))
    def begin(w):
        os.setuid(65534)
        s.listen(100)
        os.write(w, b"%d" % os.getpid())
    pid = child(begin)[0]
    os.waitpid(pid, 0)
    kept.append(s)
    return pid
for address, port, how in json.loads(sys.stdin.readline()):
    if how == "gone":
        pids.append(held(address, port))
    elif how == "left":
        pids.append(left(address, port))
    else:
        kept.append(listen(address, port))
        pids.append(os.getpid())
print(json.dumps(pids), flush=True)
for line in sys.stdin:
    address, port, times, mine = json.loads(line)
    ports = []
    for _ in range(times):
        c = socket.socket(socket.AF_INET6 if ":" in address
                          else socket.AF_INET)
        if mine:
            c.bind((mine, 0))
        c.connect((address, port))
        ports.append(c.getsockname()[1])
        kept.append(c)
    print(json.dumps(ports), flush=True)
for pid in children:
    os.kill(pid, signal.SIGKILL)
"""
NOBODY = 65534                  # who listens and has left
V4, V6, OTHER = "198.51.100.77", "2001:db8:5::77", "203.0.113.5"
CONF = "accept:\n  log: on\n  ports: [4100-4109]\n"
# address, port, how it is held, connects to, from, logged
LISTENERS = [
    (V4, 4100, "", V4, OTHER, True),
    (V6, 4101, "", V6, None, True),
    ("::", 4102, "", "::ffff:" + V4, None, True),
    ("0.0.0.0", 4103, "gone", V4, OTHER, True),
    (V4, 4105, "left", V4, OTHER, True),
    ("127.0.0.1", 4104, "", "127.0.0.1", None, False),
    (V4, 4110, "", V4, OTHER, False),
]


class Actor:
    def __init__(self, undo, network, listeners):
        self.process = subprocess.Popen(
            ["ip", "netns", "exec", network.client, sys.executable, "-c",
             ACTOR], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        undo.callback(self.stop)
        self.pids = self.ask([row[:3] for row in listeners])

    def ask(self, what):
        print(json.dumps(what), file=self.process.stdin, flush=True)
        return json.loads(self.process.stdout.readline())

    def connect(self, address, port, times=1, source=None):
        return self.ask([address, port, times, source])

    def stop(self):
        self.process.stdin.close()
        self.process.wait(20)


class Test:
    def __init__(self, undo):
        self.undo = undo
        self.network = lab.Network(undo)
        for words in (f"addr add {V4}/32 dev lo", f"addr add {OTHER}/32 dev lo",
                      f"addr add {V6}/128 dev lo nodad"):
            self.network.on_client(words)
        self.collector = lab.Collector(undo, lab.Directory(undo), CONF)
        self.netns = str(os.stat(self.network.path).st_ino).encode()
        self.failed = False
        self.parsed = []

    def report(self, name, wrong):
        for line in wrong[:20]:
            print(f"# {name}: {line}")
        print(f"{'FAIL' if wrong else 'PASS'}: accept/{name}", flush=True)
        self.failed |= bool(wrong)

    def messages(self, msgid):
        for line in self.collector.lines()[len(self.parsed):]:
            self.parsed.append(rfc5424_strict.check(line))
        return [m for m in self.parsed if m.msgid == msgid]

    def accepts(self):
        """(remote port, local port) -> messages."""
        out = {}
        for m in self.messages(b"ACCEPT"):
            e = m.element(b"event")
            if e.get(b"netns") == self.netns:
                out.setdefault((int(e[b"spt"]), int(e[b"dpt"])), []).append(m)
        return out

    def try_all(self, actor):
        """Each once, the last one that is logged again at the end."""
        did = []
        for row, pid in zip(LISTENERS, actor.pids):
            did.append((row, pid, actor.connect(row[3], row[1],
                                                source=row[4])[0]))
        last = actor.connect(V4, 4100)[0]
        if not lab.until(lambda: (last, 4100) in self.accepts(), 20):
            return ["the last one was not logged"]
        seen, wrong = self.accepts(), []
        for row, pid, port in did:
            found = seen.get((port, row[1]), [])
            if len(found) != row[5]:
                wrong.append(f"{row}: {len(found)} messages")
            for m in found:
                wrong += [f"{row}: {text}"
                          for text in self.compare(row, pid, port, m)]
        return wrong

    @staticmethod
    def compare(row, pid, port, m):
        event, ancestry = m.element(b"event"), m.element(b"ancestry")
        here = row[3].replace("::ffff:", "")
        want = {b"act": "accept", b"outcome": "established", b"proto": "TCP",
                b"src": row[4] or here, b"spt": port, b"dst": here,
                b"dpt": row[1], b"deviceDirection": 0, b"dpid": pid,
                b"duid": NOBODY if row[2] == "left" else os.getuid(),
                b"spid": None, b"sproc": None, b"suid": None,
                b"tid": None, b"waited": None}
        for key, value in want.items():
            value = None if value is None else str(value).encode()
            if event.get(key) != value:
                yield f"{key.decode()}: {value} expected, {event.get(key)}"
        if b"import json" not in event.get(b"cmd", b"") or b"dproc" not in event:
            yield f"{event}"
        if int(ancestry[b"depth"]) < 2 or b"dpid1" not in ancestry or \
                b"spid1" in ancestry:
            yield f"ancestry {ancestry}"
        if f"({pid}) accepts " not in m.msg.decode():
            yield f"sentence {m.msg}"

    def blocked(self, actor):
        """25 that nobody accepts, and then a connection is seen."""
        ports = actor.connect(V4, 4100, 25, OTHER)
        wanted = {(port, 4100) for port in ports}
        lab.until(lambda: wanted <= set(self.accepts()), 20)
        return [f"{one} is missing" for one in wanted - set(self.accepts())] + \
            ([] if self.connects(ports[-1]) == 1 else ["no CONNECT"])

    def connects(self, port):
        def seen():
            return sum(m.element(b"event").get(b"spt") == b"%d" % port
                       for m in self.messages(b"CONNECT"))
        lab.until(seen, 20)
        return seen()

    def off(self, actor):
        """Without accept, nothing; and then again."""
        before = len(self.messages(b"RELOAD"))
        text = self.collector.conf.read_text()
        for what in (text.replace("log: on", "log: off"), text):
            self.collector.conf.write_text(what)
            self.collector.process.send_signal(signal.SIGHUP)
            before += 1
            if not lab.until(lambda n=before: len(self.messages(b"RELOAD")) >=
                             n, 20):
                return ["no RELOAD"]
            event = self.messages(b"RELOAD")[-1].element(b"event")
            on = what == text
            if (b"accept" in event[b"probes"].split(b",")) != on or \
                    (b"acceptFilter" in event) != on:
                return [f"probes {event[b'probes']}"]
            if not on:
                unseen = actor.connect(V4, 4100)[0]
        wrong = self.try_all(actor)
        if (unseen, 4100) in self.accepts():
            wrong.append("logged while it was off")
        return wrong


def storm():
    """60 of a minute are logged, the others counted."""
    with lab.Undo() as undo:
        test = Test(undo)
        test.collector.conf.write_text(test.collector.conf.read_text().replace(
            "storm: off", "storm: 60"))
        test.collector.start()
        actor = Actor(undo, test.network, LISTENERS[:1])
        actor.connect(V4, 4100, 90, OTHER)
        lab.until(lambda: len(test.accepts()) >= 60, 20)
        test.collector.stop()
        told = [m.element(b"event") for m in test.messages(b"DIGEST")]
        told = [(e[b"cnt"], e[b"net"], e[b"dpt"], e[b"spid"]) for e in told
                if e[b"act"] == b"accept" and e[b"netns"] == test.netns]
        test.report("storm", [] if len(test.accepts()) == 60 and told == [
            (b"30", b"203.0.113.0/24", b"4100", b"%d" % actor.pids[0])] else
            [f"{len(test.accepts())} logged, {told}"])
        return test.failed


def main():
    lab.need_root_and_btf()
    with lab.Undo() as undo:
        test = Test(undo)
        before = Actor(undo, test.network, LISTENERS[:3])
        test.collector.start()
        ports = [before.connect(row[3], row[1], source=row[4])[0]
                 for row in LISTENERS[:3]]
        lab.until(lambda: len(test.accepts()) >= 3, 20)
        wrong = []
        for row, port, pid in zip(LISTENERS, ports, before.pids):
            found = test.accepts().get((port, row[1]), [])
            wrong += [] if len(found) == 1 else [f"{row}: {len(found)}"]
            for m in found:
                wrong += list(test.compare(row, pid, port, m))
        test.report("before", wrong)
        before.stop()
        actor = Actor(undo, test.network, LISTENERS)
        test.report("each", test.try_all(actor))
        test.report("blocked", test.blocked(actor))
        test.report("off", test.off(actor))
        test.collector.kill()
        test.collector.start()
        test.report("restart", test.try_all(actor))
        status = test.collector.stop()
        if status:
            test.report("exit", [f"{status}", test.collector.trouble()])
    return 1 if storm() or test.failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except lab.Skip as reason:
        print(f"SKIP: accept: {reason}")
        sys.exit(77)
