#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What was there before the collector: connections and listening sockets in a
namespace of their own, held in many ways; then what a collector that starts
after them says, and one that takes over from it."""
import json
import os
import subprocess
import sys

import lab
import rfc5424_strict

ADDRESS4, ADDRESS6, FILTERED = "198.51.100.77", "2001:db8:5::77", "192.0.2.77"
# Nothing comes back from the first; from the second, once its route is gone.
HOLE, SLOW, PORT = "203.0.113.9", "198.51.100.9", lab.PORTS[0]

# Makes sockets as its first line of input says, tells of each who holds it,
# and at the next line lets go of them.  name -> [pid, local port, port].
ACTOR = r"""
import json, os, signal, socket, sys
V4, V6, FILTERED = "198.51.100.77", "2001:db8:5::77", "192.0.2.77"
servers = {}
for family, address in ((socket.AF_INET, V4), (socket.AF_INET6, V6),
                        (socket.AF_INET, FILTERED)):
    s = socket.socket(family)
    s.bind((address, 0))
    s.listen(50)
    servers[address] = s
children, kept, said = [], [], {}

def connect(address, to=None, bound=None):
    s = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
    if bound:
        s.bind((bound, 0))
    s.connect((address, servers[to or address].getsockname()[1]))
    kept.append(servers[to or address].accept()[0])
    return s

def say(name, s, pid):
    said[name] = [pid, s.getsockname()[1], s.getpeername()[1]]

def child(run):
    # run is given what writes a word; its answer ends the fork here
    r, w = os.pipe()
    pid = os.fork()
    if pid == 0:
        run(w)
        signal.pause()
    os.close(w)
    children.append(pid)
    return pid, os.read(r, 100).decode()

def fork_and_wait(w):
    os.write(w, b"x")

def holds(w):
    s = connect(V4)
    os.write(w, b"%d %d" % (s.getsockname()[1], s.getpeername()[1]))
    signal.pause()

def orphan(w):
    # the connection is a grandchild's; who forked it has gone
    if os.fork():
        os._exit(0)
    s = connect(V4)
    os.write(w, b"%d %d %d" % (os.getpid(), s.getsockname()[1],
                               s.getpeername()[1]))
    signal.pause()

def waiting(name, address):
    s = socket.socket()
    s.setblocking(False)
    s.connect_ex((address, PORT))
    said[name] = [mine, s.getsockname()[1], PORT]
    return s

def bound(address, port, to=None):
    s = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET,
                      socket.SOCK_DGRAM)
    if port is not None:
        s.bind((address, port))
    if to:
        s.connect(to)
    elif port is None:
        s.sendto(b"x", (address, 9))
    kept.append(s)
    return s.getsockname()[1]

mine = os.getpid()
PORT = int(sys.argv[1])
syn, slow = waiting("syn", sys.argv[2]), waiting("slow", sys.argv[3])
own = connect(V4)
say("own", own, mine)
v6 = connect(V6)
say("v6", v6, mine)
mapped = connect("::ffff:" + V4, V4)
say("mapped", mapped, mine)
fixed = connect(V4, bound=V4)
say("bound", fixed, mine)
fast = connect(FILTERED)
say("filtered", fast, mine)
half = connect(V4)
kept[-1].shutdown(socket.SHUT_WR)
say("half", half, mine)
spoke = connect(V6)
spoke.sendall(b"a" * 70000)
kept[-1].recv(70000, socket.MSG_WAITALL)
kept[-1].sendall(b"b" * 30000)
spoke.recv(30000, socket.MSG_WAITALL)
say("spoke", spoke, mine)
doubled = connect(V4)
again = doubled.dup()
say("doubled", doubled, mine)
# everything so far is inherited by all of these, the first holder is told
for _ in range(3):
    child(fork_and_wait)
given = connect(V4)
pid, _ = child(fork_and_wait)
say("inherited", given, pid)
given.close()
# closed in the children that only inherited it, as they would have it
pid, ports = child(holds)
said["child"] = [pid, *map(int, ports.split())]
pid, ports = child(orphan)
said["orphan"] = [*map(int, ports.split())]
children.append(said["orphan"][0])
said["LISTEN"] = [[mine, "TCP", s.getsockname()[1], "1"]
                  for s in servers.values()] + [
    [mine, "UDP", bound("0.0.0.0", 4053), None],
    [mine, "UDP", bound("2001:db8:5::77", 4054), None]]
said["SILENT"] = [bound("0.0.0.0", 0), bound(V4, None),
                  bound("0.0.0.0", 4055, (V4, 9))]
print(json.dumps(said), flush=True)
what = sys.stdin.readline()
late = [connect(V4) for _ in range(20)]
print(json.dumps([[mine, s.getsockname()[1]] for s in late]), flush=True)
sys.stdin.readline()
for pid in children:
    os.kill(pid, signal.SIGKILL)
for s in (syn, slow, own, v6, mapped, fixed, fast, half, spoke, doubled, again, *late):
    s.close()
sys.stdin.readline()
"""


class Test:
    def __init__(self, undo):
        self.network = lab.Network(undo)
        for words in (f"addr add {ADDRESS4}/32 dev lo",
                      f"addr add {FILTERED}/32 dev lo",
                      f"addr add {ADDRESS6}/128 dev lo nodad"):
            self.network.on_client(words)
        self.network.on_server(f"route add blackhole {SLOW}/32 table local")
        self.collector = lab.Collector(undo, lab.Directory(undo))
        self.netns = str(os.stat(self.network.path).st_ino).encode()
        self.actor = subprocess.Popen(
            ["ip", "netns", "exec", self.network.client, sys.executable,
             "-c", ACTOR, str(PORT), HOLE, SLOW], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            text=True)
        undo.callback(lab.stop, self.actor)
        self.said = json.loads(self.actor.stdout.readline())
        self.listens = self.said.pop("LISTEN")
        self.silent = self.said.pop("SILENT")
        self.failed = False

    def report(self, name, wrong):
        for line in wrong[:20]:
            print(f"# {name}: {line}")
        print(f"{'FAIL' if wrong else 'PASS'}: snapshot/{name}")
        self.failed |= bool(wrong)

    def events(self, msgid):
        """Of our namespace: [(message, its event)]."""
        parsed = [rfc5424_strict.check(line)
                  for line in self.collector.lines()]
        return [(m, m.element(b"event")) for m in parsed if m.msgid == msgid
                and m.element(b"event").get(b"netns") == self.netns]

    def skipped(self):
        lost = [rfc5424_strict.check(line).element(b"event")
                for line in self.collector.lines() if b" LOST " in line]
        return sum(int(e[b"cnt"]) for e in lost
                   if e[b"cause"] == b"recursion_misses")

    def go_on(self):
        self.actor.stdin.write("\n")
        self.actor.stdin.flush()

    def connects(self):
        """(local port, port) -> events."""
        out = {}
        for _, e in self.events(b"CONNECT"):
            out.setdefault((int(e[b"spt"]), int(e[b"dpt"])), []).append(e)
        return out

    def begun(self):
        """What each connection of before is told as."""
        self.collector.start()
        self.network.on_server(f"route del blackhole {SLOW}/32 table local")
        wanted = {name: who for name, who in self.said.items()
                  if name != "filtered"}
        lab.until(lambda: len(self.connects()) >= len(wanted), 20)
        seen = self.connects()
        for name, (pid, *ports) in wanted.items():
            wrong = []
            found = seen.pop(tuple(ports), [])
            if len(found) != 1:
                wrong.append(f"{len(found)} messages, 1 expected")
            dst = ADDRESS6 if name in ("v6", "spoke") else ADDRESS4
            want = {b"spid": pid, b"snapshot": 1, b"dst": dst, b"src": dst,
                    b"outcome": "established", b"act": "connect",
                    b"waited": None}
            if name in ("syn", "slow"):
                want[b"dst"] = HOLE if name == "syn" else SLOW
                del want[b"src"], want[b"outcome"]
                wrong += self.decided(name, found)
            for e in found:
                wrong += [f"{key}: {value} expected, {e.get(key)}"
                          for key, value in want.items() if e.get(key) !=
                          (None if value is None else str(value).encode())]
            self.report(name, wrong)
        self.report("nothing-else", [f"{key}: {e}" for key, e in seen.items()])
        self.report("lineage", self.lineage())

    def decided(self, name, found):
        """It had sent its SYN: what becomes of it comes later."""
        begun = [e[b"outcome"] for e in found]
        if begun == [b"pending"] and name == "slow":
            lab.until(lambda: self.outcomes(found), 60)
            begun = self.outcomes(found)
        wanted = [b"pending" if name == "syn" else b"established"]
        return [] if begun == wanted else [f"{begun}, not {wanted}"]

    def outcomes(self, began):
        ids = [e[b"externalId"] for e in began]
        return [e[b"outcome"] for _, e in self.events(b"OUTCOME")
                if e[b"cid"] in ids]

    def lineage(self):
        """The line of a process that is told ends with the first one."""
        for m, e in self.events(b"CONNECT"):
            ancestry = m.element(b"ancestry")
            if int(e[b"spid"]) != self.said["child"][0]:
                continue
            if int(ancestry[b"spid1"]) != self.said["own"][0]:
                return [f"parent {ancestry[b'spid1']}"]
            if b"import json" not in e[b"cmd"] or \
                    b"1" not in [v for k, v in ancestry.items()
                                 if k.startswith(b"spid")]:
                return [f"{e[b'cmd'][:40]} {ancestry}"]
            return []
        return ["not there"]

    def listeners(self):
        seen = {(e[b"proto"], int(e[b"spt"])): e
                for _, e in self.events(b"LISTEN")}
        wrong = []
        for pid, proto, port, random in self.listens:
            e = seen.get((proto.encode(), port), {})
            if (e.get(b"spid"), e.get(b"snapshot"), e.get(b"random")) != \
                    (b"%d" % pid, b"1", random and random.encode()):
                wrong.append(f"{proto} port {port} of {pid}: {e}")
        return wrong + [f"{port} is told" for port in self.silent
                        if (b"UDP", port) in seen]

    def taken_over(self):
        """Nothing is told again by the next one, but what listens."""
        before = len(self.events(b"CONNECT"))
        listens = len(self.events(b"LISTEN"))
        self.go_on()
        late = json.loads(self.actor.stdout.readline())
        wanted = before + len(late)
        lab.until(lambda: len(self.events(b"CONNECT")) >= wanted, 20)
        wrong = [f"{port}: is one of before" for _, port in late
                 for _, e in self.events(b"CONNECT")
                 if int(e[b"spt"]) == port and b"snapshot" in e]
        self.collector.kill()
        self.collector.start()
        lab.until(lambda: len(self.events(b"LISTEN")) >=
                  listens + len(self.listens), 20)
        if len(self.events(b"CONNECT")) != wanted:
            wrong.append(f"{len(self.events(b'CONNECT'))} connections, "
                         f"{wanted} expected")
        if len(self.events(b"LISTEN")) != listens + len(self.listens):
            wrong.append("what listens is not told once more")
        return wrong

    def ended(self):
        """Each has a CLOSE, with the bytes of its whole life."""
        syn = [e for _, e in self.events(b"CONNECT")
               if e[b"dst"] == HOLE.encode()]
        ids = {e[b"externalId"]: e for _, e in self.events(b"CONNECT")
               if e not in syn}

        def ends():
            parsed = [rfc5424_strict.check(line)
                      for line in self.collector.lines()]
            return [e for e in (m.element(b"event") for m in parsed
                                if m.msgid == b"CLOSE")
                    if e[b"cid"] in ids]
        self.go_on()
        lab.until(lambda: len(ends()) >= len(ids), 20)
        lab.until(lambda: self.outcomes(syn), 20)
        wrong = [] if self.outcomes(syn) == [b"aborted"] else [
            f"SYN: {self.outcomes(syn)}"]
        told = [e[b"cid"] for e in ends()]
        # A program that interrupts itself is not run, and that is said.
        skipped = self.skipped()
        if len(set(told)) < len(told) or len(ids) - len(told) > skipped:
            wrong.append(f"{len(told)} ends of {len(ids)}, "
                         f"{skipped} misses of programs")
        for e in ends():
            began = ids[e[b"cid"]]
            if e.get(b"snapshot") != began.get(b"snapshot"):
                wrong.append(f"snapshot: {e}")
            port = int(e[b"spt"])
            if port == self.said["spoke"][1] and \
                    (e[b"in"], e[b"out"]) != (b"30000", b"70000"):
                wrong.append(f"bytes: {e}")
            if port == self.said["half"][1] and e[b"closedBy"] != b"remote":
                wrong.append(f"half: {e}")
        return wrong


# More connections than the kernel's maps of attempts have room for.
MANY = 4300
CROWD = r"""
import resource, socket, sys
resource.setrlimit(resource.RLIMIT_NOFILE, (2 * %d + 50,) * 2)
s = socket.socket()
s.bind(("198.51.100.77", 0))
s.listen(50)
kept = []
for _ in range(%d):
    c = socket.create_connection(s.getsockname())
    kept += [c, s.accept()[0]]
print("made", flush=True)
sys.stdin.readline()
""" % (MANY, MANY)


def crowded():
    """All are told, in as many rounds as it takes, and none twice."""
    with lab.Undo() as undo:
        network = lab.Network(undo)
        network.on_client(f"addr add {ADDRESS4}/32 dev lo")
        netns = str(os.stat(network.path).st_ino).encode()
        collector = lab.Collector(undo, lab.Directory(undo),
                                  "kernel: {attempts: 64}\n")
        with subprocess.Popen(
                ["ip", "netns", "exec", network.client, sys.executable, "-c",
                 CROWD], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                text=True) as actor:
            undo.callback(lab.stop, actor)
            if actor.stdout.readline() != "made\n":
                return ["the connections could not be made"]
            collector.start()

            def told():
                return [m.element(b"event")[b"spt"] for m in
                        (rfc5424_strict.check(line)
                         for line in collector.lines()
                         if b" CONNECT " in line) if
                        m.element(b"event").get(b"netns") == netns]
            lab.until(lambda: sum(b" CONNECT " in line for line in
                                  collector.lines()) >= MANY, 60)
            lab.until(lambda: len(told()) >= MANY, 20)
            status = collector.stop()
            ports = told()
        wrong = [] if status == 0 else [f"exit {status}"]
        if len(ports) != MANY or len(set(ports)) != MANY:
            wrong.append(f"{len(ports)} told, {len(set(ports))} ports")
        stop = [m.element(b"event") for m in
                (rfc5424_strict.check(line) for line in collector.lines()
                 if b" STOP " in line)]
        for name in (b"attempts_full", b"snapshot_full"):
            if stop[-1].get(name, b"0") != b"0":
                wrong.append(f"{name.decode()} {stop[-1][name]}")
        return wrong


def main():
    lab.need_root_and_btf()
    with lab.Undo() as undo:
        test = Test(undo)
        test.begun()
        test.report("listeners", test.listeners())
        test.report("taken-over", test.taken_over())
        test.report("ended", test.ended())
        status = test.collector.stop()
        if status:
            test.report("exit", [f"{status}", test.collector.trouble()])
    test.report("crowded", crowded())
    return 1 if test.failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except lab.Skip as reason:
        print(f"SKIP: snapshot: {reason}")
        sys.exit(77)
