#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Sockets that begin to listen, or are bound for UDP, in two namespaces of
their own: which are logged, as the configuration says, with what, by whom."""
import json
import os
import signal
import subprocess
import sys

import lab
import rfc5424_strict

# address port, or nothing: without bind; each by a process that ends at once.
# udp: is bound; udp-again: once more, and that fails; udp-sends: is not bound
ACTOR = """
import json, os, socket, sys
for line in sys.stdin:
    words = line.split()
    udp = words.pop(0) if line.startswith("udp") else None
    r, w = os.pipe()
    child = os.fork()
    if child == 0:
        v6 = words and ":" in words[0]
        s = socket.socket(socket.AF_INET6 if v6 else socket.AF_INET,
                          socket.SOCK_DGRAM if udp else socket.SOCK_STREAM)
        if udp == "udp-again":
            other = socket.socket(s.family, s.type)
            other.bind(("127.0.0.1", int(words[1])))
            try:
                s.bind(("0.0.0.0", int(words[1])))
            except OSError:
                s.bind((words[0], 0))
        elif udp == "udp-sends":
            s.sendto(b"x", (words[0], int(words[1])))
        elif words:
            s.bind((words[0], int(words[1])))
        if not udp:
            s.listen(5)
            s.listen(9)
        os.write(w, b"%d" % s.getsockname()[1])
        os._exit(0)
    os.close(w)
    os.waitpid(child, 0)
    print(json.dumps([child, int(os.read(r, 9))]), flush=True)
    os.close(r)
"""
# port: how often; 0: the kernel's, many of them
STORMS = {4100: 200, 0: 300}
STORM = """
import socket, sys
kept = []
for word, times in zip(sys.argv[1:], (200, 300)):
    for _ in range(times):
        s = socket.socket()
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind(("198.51.100.77", int(word)))
        s.listen(5)
        if int(word):
            s.close()
        else:
            kept.append(s)
for port in range(7000, 7150):
    with socket.socket(type=socket.SOCK_DGRAM) as s:
        s.bind(("198.51.100.77", port))
"""
HELD = """
import socket, sys
s = socket.create_server(("0.0.0.0", 4030))
u = socket.socket(type=socket.SOCK_DGRAM)
u.bind(("0.0.0.0", 4031))
sys.stdin.read()
"""
SENTINEL = "127.1.33.250 4000"      # in every configuration, logged

# name, what is below listen:, {"address port": logged}; port 0: the kernel's
CASES = [
    # pidtree-bcc's integration cases
    ("bcc", "include: [127.1.0.0/16]\n  ports: ['!41338']",
     {"127.1.33.7 41337": True, "127.1.33.7 41338": False,
      "127.0.0.1 41337": False}),
    ("bcc-ports", "exclude: [127.100.0.0/16 except 31337, "
     "127.101.0.0/16 only 31337]",
     {"127.100.33.7 31337": True, "127.100.33.7 31338": False,
      "127.101.33.7 31337": False, "127.101.33.7 31338": True}),
    ("default", "include: [127.1.33.250]",
     {"127.0.0.1 4001": False, "::1 4001": False, "0.0.0.0 4002": True,
      ":: 4003": True, "127.0.0.1 0": False, "0.0.0.0 0": True,
      "": True, "198.51.100.77 4004": True, "2001:db8:5::77 4004": True,
      "::ffff:198.51.100.77 4005": True, "::ffff:127.0.0.1 4006": False}),
    ("random", "include: [127.1.33.250]\n  random: off",
     {"0.0.0.0 0": False, "": False, "0.0.0.0 4002": True, ":: 0": False}),
    ("all-addresses", "exclude: [0.0.0.0/32, '::/128']",
     {"0.0.0.0 4007": False, ":: 4008": False, "127.0.0.1 4009": True}),
    ("udp", "include: [127.1.33.250]",
     {"udp 0.0.0.0 53": True, "udp :: 4003": True, "udp 0.0.0.0 0": False,
      "udp 198.51.100.77 5353": True, "udp 2001:db8:5::77 4004": True,
      "udp ::ffff:198.51.100.77 4005": True, "udp 127.0.0.1 53": False,
      "udp :: 0": False, "udp-sends 198.51.100.77 9": False,
      "udp 127.1.33.250 500": True}),
    ("udp-random", "include: [127.1.33.250]\n  udp: random",
     {"udp 0.0.0.0 0": True, "udp :: 0": True, "udp 198.51.100.77 0": True,
      "udp 0.0.0.0 4002": True, "udp 127.0.0.1 0": False,
      "udp-again 198.51.100.77 4020": True}),
    ("udp-only", "include: [127.1.33.250]\n  random: off\n  udp: random",
     {"udp 0.0.0.0 0": True, "0.0.0.0 0": False}),
    ("udp-off", "include: [127.1.33.250]\n  udp: off",
     {"udp 0.0.0.0 4002": False, "0.0.0.0 4002": True}),
    ("udp-ports", "exclude: [0.0.0.0/32 only 123]\n  ports: ['!67-68']",
     {"udp 0.0.0.0 123": False, "udp 0.0.0.0 124": True,
      "udp 0.0.0.0 68": False, "udp :: 123": True}),
    ("off", "log: off", {"0.0.0.0 4010": False, "udp 0.0.0.0 53": False}),
    ("own", "namespaces: own", {"0.0.0.0 4011": False,
                                "udp 0.0.0.0 53": False}),
    ("on-again", "include: [127.1.33.250]", {"0.0.0.0 4012": True}),
]


class Test:
    def __init__(self, undo):
        self.undo = undo
        self.network = lab.Network(undo)
        for words in ("addr add 198.51.100.77/32 dev lo",
                      "addr add 2001:db8:5::77/128 dev lo nodad"):
            self.network.on_client(words)
        self.collector = lab.Collector(undo, lab.Directory(undo))
        self.collector.log.touch()
        self.text = self.collector.conf.read_text()
        self.netns = str(os.stat(self.network.path).st_ino).encode()
        self.failed = False
        self.parsed = []

    def report(self, name, wrong):
        for line in wrong[:20]:
            print(f"# {name}: {line}")
        print(f"{'FAIL' if wrong else 'PASS'}: listen/{name}")
        self.failed |= bool(wrong)

    def messages(self, *msgids):
        for line in self.collector.lines()[len(self.parsed):]:
            self.parsed.append(rfc5424_strict.check(line))
        return [m for m in self.parsed if m.msgid in msgids]

    def listens(self):
        """pid -> messages, of our namespace."""
        out = {}
        for m in self.messages(b"LISTEN"):
            event = m.element(b"event")
            if event.get(b"netns") == self.netns:
                out.setdefault(int(event[b"spid"]), []).append(m)
        return out

    def load(self, listen):
        before = len(self.messages(b"START", b"RELOAD"))
        self.collector.conf.write_text(f"{self.text}listen:\n  {listen}\n")
        if self.collector.process is None:
            self.collector.start()
        else:
            self.collector.process.send_signal(signal.SIGHUP)
        if not lab.until(lambda: len(self.messages(b"START", b"RELOAD")) >
                         before, 20):
            raise RuntimeError("no START or RELOAD: " +
                               self.collector.trouble())
        return self.messages(b"START", b"RELOAD")[-1].element(b"event")

    def act(self, wanted):
        """Does them; [(pid, port)] in their order, and the actor's pid."""
        actor = subprocess.run(
            ["ip", "netns", "exec", self.network.client, sys.executable,
             "-c", ACTOR], input="".join(line + "\n" for line in wanted),
            stdout=subprocess.PIPE, text=True, timeout=60, check=True)
        return [json.loads(line) for line in actor.stdout.splitlines()]

    def judge(self, table, quiet):
        """quiet: not even the sentinel is logged; another one says when."""
        did = self.act([*table, SENTINEL])
        if not quiet and not lab.until(
                lambda: did[-1][0] in self.listens(), 20):
            return ["the last one was not logged"]
        if quiet:
            self.load("include: [127.1.33.250]")
            last = self.act([SENTINEL])[0][0]
            lab.until(lambda: last in self.listens(), 20)
        seen, wrong = self.listens(), []
        for (where, logged), (pid, port) in zip(table.items(), did):
            found = seen.get(pid, [])
            if len(found) != logged:
                wrong.append(f"{where}: {len(found)} messages, "
                             f"{int(logged)} expected")
            for m in found:
                wrong += [f"{where}: {text}"
                          for text in self.compare(where, pid, port, m)]
        return wrong

    @staticmethod
    def compare(where, pid, port, m):
        udp = where.startswith("udp")
        chosen = not where or where.endswith(" 0") or "again" in where
        if udp:
            where = where.split(" ", 1)[1]
        address = (where.split() or ["0.0.0.0"])[0].replace("::ffff:", "")
        proto = "UDP" if udp else "TCP"
        event, ancestry = m.element(b"event"), m.element(b"ancestry")
        want = {b"act": b"listen", b"dst": None, b"proto": proto.encode(),
                b"src": None if address in ("0.0.0.0", "::") else
                address.encode(), b"spt": b"%d" % port,
                b"random": b"1" if chosen else None,
                b"net": None,
                b"outcome": None, b"waited": None, b"spid": b"%d" % pid}
        for key, value in want.items():
            if event.get(key) != value:
                yield f"{key.decode()}: {value} expected, {event.get(key)}"
        if ancestry.get(b"cmd1", b"")[-9:] != event.get(b"cmd", b"")[-9:] or \
                int(ancestry[b"depth"]) < 2:
            yield f"ancestry {ancestry}"
        shown = "*" if want[b"src"] is None else \
            f"[{address}]" if ":" in address else address
        if f" listens on {shown}:{port}/{proto.lower()}; " not in \
                m.msg.decode() and where:
            yield f"sentence {m.msg}"

    def storm(self):
        """Over and over: 60 a minute are logged, the others counted."""
        self.text = self.text.replace("storm: off", "storm: 60")
        self.load("include: [127.1.33.250]")
        before = len(self.messages(b"LISTEN"))
        subprocess.run(
            ["ip", "netns", "exec", self.network.client, sys.executable,
             "-c", STORM, *map(str, STORMS)], timeout=60, check=True)
        last = self.act([SENTINEL])[0][0]
        lab.until(lambda: last in self.listens(), 20)
        seen = [m.element(b"event") for m in self.messages(b"LISTEN")[before:]]
        self.collector.stop()       # that ends the storms
        told = [m.element(b"event") for m in self.messages(b"DIGEST")
                if m.element(b"event").get(b"act") == b"listen"]
        wrong = []
        # all the ports from which a resolver might ask are one
        told = [e for e in told if e.get(b"netns") == self.netns]
        logged = [e for e in seen if e[b"proto"] == b"UDP"]
        counted = [e for e in told if e[b"proto"] == b"UDP"]
        if len(logged) != 60 or b"spt" in counted[0] or \
                [int(e[b"cnt"]) for e in counted] != [90]:
            wrong.append(f"UDP: {len(logged)} logged, {counted}")
        told = [e for e in told if e[b"proto"] == b"TCP"]
        for port, n in STORMS.items():
            random = None if port else b"1"
            logged = [e for e in seen if e.get(b"netns") == self.netns and
                      e.get(b"random") == random and e[b"proto"] == b"TCP" and
                      (not port or e[b"spt"] == b"%d" % port)]
            counted = [e for e in told if e.get(b"netns") == self.netns and
                       e.get(b"random") == random and
                       (not port or e.get(b"spt") == b"%d" % port)]
            if [int(e[b"cnt"]) for e in counted] != [n - 60] or \
                    len(logged) != 60:
                wrong.append(f"port {port}: {len(logged)} logged, {counted}")
        return wrong

    def repeat(self):
        """What listens is told again, as often as it was asked for."""
        self.load("include: [127.1.33.250]\n  repeat: 60s")
        with subprocess.Popen(
                ["ip", "netns", "exec", self.network.client, sys.executable,
                 "-c", HELD], stdin=subprocess.PIPE) as held:
            lab.until(lambda: len(self.listens().get(held.pid, [])) >= 4, 150)
            seen = self.listens().get(held.pid, [])
            held.stdin.close()
        told = [(e[b"proto"], e[b"spt"], e.get(b"snapshot")) for e in
                (m.element(b"event") for m in seen)]
        wanted = [(proto, port, snapshot) for snapshot in (None, b"1")
                  for proto, port in ((b"TCP", b"4030"), (b"UDP", b"4031"))]
        return [] if sorted(told, key=str) == sorted(wanted, key=str) \
            else [f"{told}"]

    def crash(self):
        """What begins to listen while there is no collector."""
        self.collector.kill()
        did = self.act(["0.0.0.0 %d" % port for port in range(5000, 5040)])
        self.collector.start()
        lab.until(lambda: all(pid in self.listens() for pid, _ in did), 20)
        seen = self.listens()
        return [f"port {port}: {len(seen.get(pid, []))} messages"
                for pid, port in did if len(seen.get(pid, [])) != 1]


def main():
    lab.need_root_and_btf()
    with lab.Undo() as undo:
        test = Test(undo)
        for name, listen, table in CASES:
            event = test.load(listen)
            wrong = []
            active = b"listen" in event[b"probes"].split(b",")
            if active == (name == "off") or \
                    active != (b"listenFilter" in event):
                wrong.append(f"probes {event[b'probes']}")
            test.report(name, wrong + test.judge(
                table, name in ("off", "own")))
        test.report("repeat", test.repeat())
        test.report("crash", test.crash())
        test.report("storm", test.storm())
        test.collector.start()
        status = test.collector.stop()
        if status:
            test.report("exit", [f"{status}", test.collector.trouble()])
    return 1 if test.failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except lab.Skip as reason:
        print(f"SKIP: listen: {reason}")
        sys.exit(77)
