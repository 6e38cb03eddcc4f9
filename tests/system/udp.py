#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""UDP sessions: every way to send a datagram, compared with what is true
field by field; how sessions end; that nobody fills the maps for the others;
and that a collector that is killed loses none of them."""
import argparse
import collections
import os
import subprocess
import sys
import time

import cases
import compare
import lab
import truth
import truthful
from expect import ABSENT, Exactly, Like

Row = cases.Row
N = "n=3"
# What CLOSE says of how many there were; 0: there is no session.
ROWS = [
    Row("to", 20, f"udp=to,{{up}},{N}", {"cnt": 3}),
    Row("to6", 20, f"udp=to,{{up6}},{N}", {"cnt": 3}),
    Row("to-mapped", 20, f"udp=to,{{mapped}},{N}", {"cnt": 3}),
    Row("to-bound", 10, f"udp=to,{{up}},{N},src=203.0.113.194", {"cnt": 3}),
    Row("connected", 20, f"udp=connected,{{up}},{N}", {"cnt": 3}),
    Row("connected6", 20, f"udp=connected,{{up6}},{N}", {"cnt": 3}),
    Row("connected-mapped", 20, f"udp=connected,{{mapped}},{N}", {"cnt": 3}),
    Row("connected-large", 10, "udp=connected,{up},n=2,size=6000",
        {"cnt": 2}),
    Row("sendmmsg", 20, "udp=many,{up},n=20", {"cnt": 20}),
    Row("sendmmsg6", 20, "udp=many,{up6},n=20", {"cnt": 20}),
    Row("sendmmsg-connected", 20, "udp=manyconnected,{up},n=20",
        {"cnt": 20}),
    Row("segments", 10, "udp=segments,{up},n=5,size=500", {"cnt": 5}),
    Row("quic", 10, "udp=quic,{up},n=2", {"cnt": 2, "quic": 1}),
    Row("quic6", 10, "udp=quic,{up6}", {"cnt": 1, "quic": 1}),
    # both hooks see these, and one of them counts
    Row("to-own-peer", 20, "udp=connectedto,{up},n=3", {"cnt": 3}),
    Row("to-own-peer6", 20, "udp=connectedto,{up6},n=3", {"cnt": 3}),
    Row("to-other-than-peer", 20, "udp=none,{up:none},keep "
        "udp=to,{up},n=3,reuse", {"cnt": 3}),
    # tricks with the hooks
    Row("control-data", 10, "udp=control,{up},n=3", {"cnt": 3}),
    Row("control-data6", 10, "udp=control,{up6},n=3", {"cnt": 3}),
    Row("decoy", 10, "udp=decoy,{up},n=3", {"cnt": 3}),
    Row("decoy6", 10, "udp=decoy,{up6},n=3", {"cnt": 3}),
    # getaddrinfo connects sockets to learn their addresses
    Row("never-sent", 20, "udp=none,{up}", {"cnt": 0}),
    Row("never-sent6", 10, "udp=none,{up6}", {"cnt": 0}),
    # one socket, several destinations
    Row("one-socket", 20, "udp=to,{up},keep udp=to,{up},keep,reuse "
        "udp=to,{up},reuse", {"cnt": 1}),
    Row("reconnected", 20, "udp=connected,{up},keep udp=connected,{up},keep,"
        "reuse udp=connected,{up},reuse", {"cnt": 1}),
    # who sends; the socket is closed by another than by him
    Row("opened-by-another", 20, "udpsocket=4 fork comm=child udp=to,{up},"
        "reuse", {"cnt": 1}),
    Row("opened-by-another-connected", 20, "udpsocket=6 fork comm=child exec "
        "udp=connected,{up6}", {"cnt": 1}),
    Row("thread", 10, "fork comm=leader thread comm=other udp=to,{up}",
        {"cnt": 1}),
    Row("orphan", 20, "orphan=3 udp=to,{up}", {"cnt": 1}),
    Row("orphan-connected", 20, "fork orphan exec udp=connected,{up}",
        {"cnt": 1}),
    Row("uid", 10, "fork uid=65534 udp=connected,{up}", {"cnt": 1}),
    Row("deep", 5, "fork=40 udp=to,{up}", {"cnt": 1}),
]
SINK = """
import selectors, socket, sys
s = selectors.DefaultSelector()
for port in range(1000, 1050):
    u = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    u.bind(("::", port))
    s.register(u, selectors.EVENT_READ)
s.register(sys.stdin, selectors.EVENT_READ)
print("ready", flush=True)
while True:
    for key, _ in s.select():
        if key.fileobj is sys.stdin:
            sys.exit()
        key.fileobj.recv(65536)
"""
# Does what its standard input says, line by line, and answers each.
CLIENT = """
import socket, sys
sockets = {}
for line in sys.stdin:
    word, name, *rest = line.split()
    if word == "open":
        sockets[name] = socket.socket(socket.AF_INET6 if ":" in rest[0]
            else socket.AF_INET, socket.SOCK_DGRAM)
    elif word == "connect":
        sockets[name].connect((rest[0], int(rest[1])))
    elif word == "send":
        for _ in range(int(rest[0])):
            sockets[name].send(b"x")
    elif word == "to":
        sockets[name].sendto(b"x", (rest[0], int(rest[1])))
    elif word == "spray":
        for i in range(int(rest[0])):
            sockets[name].sendto(b"x", ("198.51.100.%d" % (1 + i % 250),
                                        2000 + i // 250))
    elif word == "each":
        for i in range(int(rest[0])):
            s = sockets[name, i] = socket.socket(socket.AF_INET,
                                                 socket.SOCK_DGRAM)
            s.sendto(b"x", ("198.51.100.9", 3000 + i))
    elif word == "close":
        sockets.pop(name).close()
    print("done", flush=True)
"""
CLOSE = {"act": Exactly("close"), "proto": Exactly("UDP"),
         "duration": Like("[0-9]+")}


class Truth(truthful.Truth):
    def connection(self, want, conn, done, outcome):
        fields = super().connection(want, conn, done, "nomark")
        src = truthful.plain((done or conn)["src"])
        return {**fields, "act": Exactly("send"), "proto": Exactly("UDP"),
                "quic": Exactly(want.row.fields.get("quic")),
                "src": ABSENT if src in ("0.0.0.0", "::", "") else
                Exactly(src)}


class Compare(compare.Compare):
    """What begins each session, and its end."""

    def __init__(self, *args):
        super().__init__(*args)
        self.truth = Truth(self.facts, args[3])
        self.ends = collections.defaultdict(list)

    @staticmethod
    def begins(want):
        """Is there a session at all?"""
        return want.row.fields["cnt"] and want.outcomes != [["none"]]

    def connection(self, want, lines):
        before = len(self.bad)
        where = want.dst, want.dpt
        conn, done = (facts.get(where) for facts in (self.facts.conns,
                                                     self.facts.dones))
        wanted = ["UDP"] if self.begins(want) else []
        if [line.id for line in lines] != wanted:
            self.note(want, "messages", wanted, [line.id for line in lines])
        elif lines:
            self.message(want, lines[0], conn, done, "nomark")
            self.end(want, lines[0])
        if len(self.bad) == before:
            self.good[want.row.name] += 1

    def end(self, want, line):
        begin = line.event
        ends = self.ends.pop(begin["externalId"], [])
        if len(ends) != 1:
            self.note(want, "CLOSE", 1, len(ends))
            return
        seen = ends[0].event
        expected = {
            **CLOSE, "cnt": Exactly(want.row.fields["cnt"]),
            "outcome": Exactly("closed"), "closedBy": Exactly("local"),
            "cid": Exactly(begin["externalId"]),
            "externalId": Exactly(begin["externalId"] + b"-c"),
            **{name: Exactly(begin.get(name)) for name in (
                "src", "spt", "dst", "dpt", "netns")}}
        self.fields(want, "", expected, seen, [])
        if len(ends[0].data) > 500 or ends[0].ancestry:
            self.note(want, "CLOSE", "short", len(ends[0].data))

    def run(self, lines):
        for line in lines:
            if line.id == "CLOSE":
                self.ends[line.event.get("cid")].append(line)
        super().run([line for line in lines if line.id != "CLOSE"])


def sink(undo, network):
    """Takes the datagrams to the server's ports."""
    process = subprocess.Popen(
        ["ip", "netns", "exec", network.server, sys.executable, "-c", SINK],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    undo.callback(lab.stop, process)
    if process.stdout.readline() != b"ready\n":
        raise RuntimeError("the sink did not start")


def shapes(undo, show):
    """Each row of the table."""
    run = truth.Run(undo, lab.Directory(undo), ROWS, 3)
    sink(undo, run.network)
    run.begin()
    run.generate()

    def count(ident):
        return sum(b" %s [" % ident in line[:300]
                   for line in run.collector.lines())
    wanted = sum(bool(Compare.begins(want))
                 for want in run.targets.wants.values())
    lab.until(lambda: count(b"UDP") >= wanted and count(b"CLOSE") >= wanted,
              25)
    time.sleep(1)
    status = run.collector.stop()
    lines = compare.parse(run.collector.lines(), run.bad)
    compare.series(lines, run.bad)
    judge = Compare(run.facts, run.targets.wants, run.collector.pids,
                    os.stat("/proc/self/ns/net").st_ino)
    judge.run(lines)
    judge.bad = run.bad + judge.bad
    print(run.collector.trouble(), end="")
    good = truth.report(run, ROWS, [], judge, show)
    return None if good and not status else "see above"


class Scene:
    """A collector and somebody who does as he is told."""

    def __init__(self, undo, more=""):
        self.network = lab.Network(undo)
        sink(undo, self.network)
        self.collector = lab.Collector(undo, lab.Directory(undo), more)
        self.collector.start()
        self.undo = undo
        self.client = self.somebody()

    def somebody(self):
        process = subprocess.Popen(
            ["ip", "netns", "exec", self.network.client, sys.executable,
             "-c", CLIENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            text=True, bufsize=1)
        self.undo.callback(lab.stop, process)
        return process

    def do(self, *words, client=None):
        client = client or self.client
        for line in words:
            print(line, file=client.stdin, flush=True)
            if client.stdout.readline() != "done\n":
                raise RuntimeError(f"the client did not: {line}")

    def lines(self, client=None):
        """(UDP, CLOSE) of that client, once each."""
        pid = b"%d:" % (client or self.client).pid
        begun, ended = {}, {}
        for data in self.collector.lines():
            line = compare.Line(data)
            if line.id == "UDP" and line.event["pkey"].startswith(pid):
                begun[line.event["externalId"]] = line
            elif line.id == "CLOSE" and line.event["cid"] in begun:
                ended[line.event["cid"]] = line
        return list(begun.values()), ended

    def await_lines(self, begun, ended, client=None, patience=20):
        lab.until(lambda: tuple(map(len, self.lines(client))) >=
                  (begun, ended), patience)
        time.sleep(0.7)
        return self.lines(client)

    def counter(self, name):
        """Of the last collector, from its STOP."""
        self.collector.stop()
        last = compare.Line(self.collector.lines()[-1])
        return int(last.event[name])


def differs(what, expected, seen):
    return None if expected == seen else \
        f"{what}: expected {expected!r}, seen {seen!r}"


def endings(begun, ended):
    """[(outcome, cnt)] in the order in which they began."""
    return [(end.event["outcome"].decode(), int(end.event["cnt"]))
            if end else None for end in
            (ended.get(line.event["externalId"]) for line in begun)]


def idle(undo, _):
    """Silence ends a session; what is sent later is another one."""
    scene = Scene(undo, "udp: {idle: 1s}\n")
    scene.do("open a v4", "to a 198.51.100.1 1000", "to a 198.51.100.1 1000",
             "open b v4", "connect b 198.51.100.2 1001", "send b 3")
    begun, ended = scene.await_lines(2, 2)
    wrong = differs("idle", [("idle", 2), ("idle", 3)],
                    endings(begun, ended))
    for end in ended.values():
        if int(end.event["duration"]) > 900 or "closedBy" in end.event:
            wrong = wrong or f"not from first to last: {end.data}"
    scene.do("to a 198.51.100.1 1000", "send b 2", "close a", "close b")
    begun, ended = scene.await_lines(4, 4)
    return wrong or differs(
        "again", [("idle", 2), ("idle", 3), ("closed", 1), ("closed", 2)],
        endings(begun, ended))


def several(undo, _):
    """All sessions of a socket end with it, whatever their number."""
    scene = Scene(undo)
    scene.do("open a v4", *(f"to a 198.51.100.{i} 1000" for i in range(1, 41)),
             "to a 198.51.100.7 1000", "close a")
    begun, ended = scene.await_lines(40, 40)
    return differs("several", collections.Counter(
        {("closed", 1): 39, ("closed", 2): 1}),
        collections.Counter(endings(begun, ended)))


def budget(undo, _):
    """2,048 sessions: 32 for a socket, 256 for a process.  What goes beyond
    has a message or is in a DIGEST, too, but no end."""
    scene = Scene(undo, "kernel: {sessions: 2048}\nstorm: 60\n")
    other, third = scene.somebody(), scene.somebody()
    scene.do("open a v4", "spray a 3000")
    scene.do("each b 300", client=other)
    scene.do("open a v4", "to a 198.51.100.1 1000", client=third)
    begun, _ = scene.await_lines(300, 0, other)
    wrong = differs("another has", 300, len(begun))
    begun, _ = scene.await_lines(1, 0, third)
    wrong = wrong or differs("another has", 1, len(begun))
    # what was closed is there again
    scene.do("close a", "open c v4")
    _, ended = scene.await_lines(32, 32)
    wrong = wrong or differs("a socket has", 32, len(ended))
    scene.do(*(f"to c 198.51.100.{i} 1001" for i in range(20)), "close c")
    _, ended = scene.await_lines(52, 52)
    wrong = wrong or differs("after a close", 52, len(ended))
    wrong = wrong or differs("beyond it", 3000 - 32 + 300 - 256,
                             scene.counter("udp_untracked"))
    begun, _ = scene.lines()
    counted = [line.event for line in map(compare.Line, scene.collector.lines())
               if line.id == "DIGEST" and
               line.event["pkey"].startswith(b"%d:" % scene.client.pid)]
    return wrong or differs("logged and counted", 3020, len(begun) +
                            sum(int(event["cnt"]) for event in counted))


def budget_uncounted(undo, _):
    """Without a storm guard what has no session is counted, and not told."""
    scene = Scene(undo, "kernel: {sessions: 2048}\nstorm: off\n")
    scene.do("open a v4", "spray a 3000")
    begun, _ = scene.await_lines(32, 0)
    return differs("a socket has", (32, 3000 - 32),
                   (len(begun), scene.counter("udp_shared")))


def killed(undo, _):
    """A session goes on from one collector to the next."""
    scene = Scene(undo)
    scene.do("open a v4", "connect a 198.51.100.1 1000", "send a 3",
             "open b v4", "to b 198.51.100.2 1001")
    scene.await_lines(2, 0)
    scene.collector.kill()
    scene.do("send a 2", "to b 198.51.100.2 1001", "open c v4",
             "connect c 198.51.100.3 1002", "send c 4", "close c",
             "open d v4", "to d 198.51.100.4 1003")
    scene.collector.start()
    scene.do("send a 1", "close a", "close b", "to d 198.51.100.4 1003",
             "close d")
    begun, ended = scene.await_lines(4, 4)
    begun.sort(key=lambda line: int(line.event["dpt"]))
    return differs("over a crash", [("closed", 6), ("closed", 2),
                                    ("closed", 4), ("closed", 2)],
                   endings(begun, ended))


def reload_(undo, _):
    """The filter is that of connections, and holds at once; so does `off`."""
    scene = Scene(undo)
    conf = scene.collector.conf

    def configure(text):
        conf.write_text("user: nobody\nstats: 1h\n" + text)
        before = scene.collector.lines()
        scene.collector.process.send_signal(1)
        lab.until(lambda: any(b" RELOAD [" in line for line in
                              scene.collector.lines()[len(before):]), 10)
    bcc = ("connect:\n  exclude: [0.0.0.0/0, \"::/0\", 127.0.0.0/16, "
           "\"127.100.0.0/16 except 31337\", "
           "\"127.101.0.0/16 only 31337\"]\n"
           "  include: [127.1.0.0/16]\n  ports: [\"!41337\"]\n")
    configure(bcc)
    scene.do("open a v4", *(f"to a {text}" for text in (
        "127.1.33.7 31337", "127.1.33.7 41337", "127.0.0.1 41338",
        "127.100.33.7 31337", "127.100.33.7 31338", "127.101.33.7 31337",
        "127.101.33.7 31338")))
    time.sleep(1)
    configure(bcc.replace("127.1.0.0/16", "127.2.0.0/16"))
    scene.do("open b v4", "to b 127.1.33.7 31337")
    configure(bcc)
    # it was not logged before: now its first datagram is
    scene.do("to b 127.1.33.7 31337")
    time.sleep(1)
    configure(bcc + "udp: {log: off}\n")
    scene.do("open c v4", "to c 127.1.33.7 31339")
    configure(bcc + "udp: {log: on}\nclose: off\n")
    scene.do("to c 127.1.33.7 31340", "close c")
    time.sleep(1)
    begun, ended = scene.await_lines(5, 0)
    return differs("logged", [
        ("127.1.33.7", 31337), ("127.100.33.7", 31337),
        ("127.101.33.7", 31338), ("127.1.33.7", 31337),
        ("127.1.33.7", 31340)], [line.target for line in begun]) or \
        differs("ends with close: off", 0, len(ended))


SCENES = {"shapes": shapes, "idle": idle, "several": several,
          "budget": budget, "budget-uncounted": budget_uncounted,
          "killed": killed, "reload": reload_}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--show", type=int, default=40)
    parser.add_argument("name", nargs="*")
    options = parser.parse_args()
    lab.need_root_and_btf()
    failed = 0
    for name, scene in SCENES.items():
        if options.name and name not in options.name:
            continue
        with lab.Undo() as undo:
            why = scene(undo, options.show)
        print(f"{'FAIL' if why else 'PASS'}: udp/{name}"
              f"{': ' + why if why else ''}", flush=True)
        failed += bool(why)
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except lab.Skip as reason:
        print(f"SKIP: {reason}")
        sys.exit(77)
