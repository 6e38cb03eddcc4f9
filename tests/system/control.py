#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The control socket: who may watch, what he sees, and that nobody who does
not read, or sends anything, is in the way of what is logged."""
import contextlib
import grp
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import traceback

import lab

STRANGER = 64001        # no such user
HERE, OTHER = 1001, 1002
TO = f"{lab.LIVE4}.{100 + os.getpid() % 150}"   # nobody else's, most likely
ROUND = 400             # connections, two messages each
MANY = 30


class Client:
    """One that speaks the protocol by hand."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(30)
        self.socket.connect(str(path))
        self.file = self.socket.makefile("rb")
        self.hello = self.line()

    def send(self, data):
        self.socket.sendall(data)

    def line(self):
        """The next line; None at the end."""
        data = self.file.readline()
        return json.loads(data) if data else None

    def ask(self, **what):
        self.send(json.dumps(what).encode() + b"\n")
        return self.line()

    def close(self):
        self.file.close()
        self.socket.close()


class Place:
    """The network, the collector and its socket."""

    def __init__(self, undo):
        self.net = lab.Network(undo)
        self.directory = lab.Directory(undo)
        self.collector = lab.Collector(undo, self.directory)
        self.collector.start()
        self.path = self.collector.control
        self.command = lab.program("src/pidtree")
        self.undo = undo
        self.traces = []

    def connect(self, times=1, port=HERE):
        """Connections of a process of ours, each closed at once."""
        code = ("import socket\nfor i in range(%d):\n socket."
                "create_connection(('%s', %d)).close()" %
                (times, TO, port))
        lab.run("ip", "netns", "exec", self.net.client, sys.executable,
                "-c", code)

    def pidtree(self, *words, before=()):
        return subprocess.run(
            [*before, self.command, *words, f"--socket={self.path}"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            timeout=60, check=False)

    def trace(self, name, *words):
        """A `pidtree trace` that writes to a file."""
        out = open(self.directory / name, "wb")
        process = subprocess.Popen(
            [self.command, "trace", "--json", f"--socket={self.path}",
             *words], stdout=out, stderr=subprocess.STDOUT)
        out.close()
        self.undo.callback(lab.stop, process)
        self.traces.append(process)
        return process

    def traced(self, name):
        text = (self.directory / name).read_text()
        return [json.loads(line) for line in text.splitlines()
                if line.startswith("{")]

    def shown(self, name):
        """How many messages were shown, and how many it says were not."""
        text = (self.directory / name).read_text()
        return len(self.traced(name)), sum(
            int(n) for n in re.findall(r"(\d+) events were not", text))

    def status(self):
        return json.loads(self.pidtree("status", "--json").stdout)

    def watching(self, n):
        return lab.until(lambda: self.status()["clients"]["watching"] == n,
                         30)

    def logged(self, port=HERE):
        want = f' dst="{TO}" dpt="{port}"'.encode()
        return sum(want in line for line in self.collector.lines())

    def open_files(self):
        return len(os.listdir(f"/proc/{self.collector.process.pid}/fd"))


def test_status(place):
    place.connect(2)
    assert lab.until(lambda: place.logged() >= 4, 20), place.logged()
    done = place.pidtree("status", "--color=never")
    assert done.returncode == 0, done
    assert done.stdout.startswith("healthy, pidtreed "), done.stdout
    assert "clients" in done.stdout
    # (counters are as of the last half second)
    assert lab.until(lambda: place.status()["counters"]["attempts"] >= 2, 20)
    status = place.status()
    assert status["healthy"] is True and status["reasons"] == [], status
    assert status["pid"] == place.collector.process.pid
    log = place.collector.log.stat().st_size
    messages = status["counters"]["messages"]
    assert status["counters"]["bytes"] + messages == log, (status, log)
    assert {p["name"]: p["state"] for p in status["probes"]}[
        "connect"] == "active"
    assert any("python" in row["lineage"] for row in
               status["volume"]["lineages"]), status["volume"]
    assert 0 < status["maps"]["procs"]["used"] < \
        status["maps"]["procs"]["size"]
    assert {"attempts", "sessions", "dns_names"} < set(status["maps"])


# https://prometheus.io/docs/instrumenting/exposition_formats/, as promtool
# reads it: a name has one HELP and one TYPE, before its samples, which are
# together and differ in their labels; a counter is a _total.
SAMPLE = re.compile(r'([a-zA-Z_:][a-zA-Z0-9_:]*)'
                    r'(\{[a-zA-Z_]\w*="(?:[^"\\\n]|\\["\\n])*"\})? '
                    r'(-?[0-9]+(?:\.[0-9]+)?)')


def check_metrics(text):
    assert text.endswith("\n")
    kinds, helped, done, now, seen = {}, set(), set(), None, set()
    for line in text.splitlines():
        if line.startswith("# HELP "):
            name = line.split(" ")[2]
            assert name not in helped and len(line.split(" ")) > 3, line
            helped.add(name)
            continue
        if line.startswith("# TYPE "):
            name, kind = line.split(" ")[2:]
            assert name not in kinds and kind in ("gauge", "counter"), line
            assert (kind == "counter") == name.endswith("_total"), line
            kinds[name] = kind
            continue
        found = SAMPLE.fullmatch(line)
        assert found, line
        assert found[1] in kinds and found[1] in helped, line
        if found[1] != now:
            assert found[1] not in done, line
            done.add(now)
            now = found[1]
        assert (found[1], found[2]) not in seen, line
        seen.add((found[1], found[2]))
    return {name + (labels or "") for name, labels in seen}


def test_prometheus(place):
    done = place.pidtree("status", "--prometheus")
    assert done.returncode == 0, done
    names = check_metrics(done.stdout)
    assert 'pidtreed_lost_total{cause="attempts_full"}' in names, names
    assert "pidtreed_healthy" in names
    for wrong in ("x 1\n", "# HELP x a\n# TYPE x gauge\nx{a=1} 1\n",
                  "# HELP x a\n# TYPE x gauge\nx 1\nx 1\n"):
        try:
            check_metrics(wrong)
        except AssertionError:
            continue
        raise AssertionError(f"taken for metrics: {wrong}")


def test_trace(place):
    there = place.trace("there", f"dpt = {OTHER} and msgid = CONNECT and dst = {TO}")
    here = place.trace("here", "msgid = CONNECT and suser ~ '^ro+t$' and "
                       f"dpt = {OTHER} and dst = {TO}")
    assert place.watching(2)
    place.connect(3)
    place.connect(5, OTHER)
    for process, name in ((there, "there"), (here, "here")):
        assert lab.until(lambda: len(place.traced(name)) >= 5, 20), name
        got = place.traced(name)
        assert len(got) == 5, got
        assert {(m["msgid"], m["event"]["dpt"]) for m in got} == \
            {("CONNECT", OTHER)}, got
        assert all(m["ancestry"]["ancestors"] for m in got)
        lab.stop(process)
    bad = place.pidtree("trace", "dpt = curl")
    assert bad.returncode == 2 and "column" in bad.stderr, bad
    assert place.watching(0)


def test_who(place):
    adm = grp.getgrnam("adm").gr_gid
    drop = ["setpriv", f"--reuid={STRANGER}", f"--regid={STRANGER}"]
    # gets to the socket whatever its directory says
    over = ["--inh-caps=+dac_override", "--ambient-caps=+dac_override"]
    outside = place.pidtree("status", before=[*drop, "--clear-groups"])
    assert outside.returncode == 2 and "permission denied" in \
        outside.stderr and "adm" in outside.stderr, outside
    inside = place.pidtree("status", before=[
        *drop, "--clear-groups", *over])
    assert inside.returncode == 2 and "permission denied" in \
        inside.stderr and "adm" in inside.stderr, inside
    member = [*drop, f"--groups={adm}"]
    may = place.pidtree("status", "--json", before=member)
    assert may.returncode == 0, may
    assert json.loads(may.stdout)["clients"]["refused"] == 1, may.stdout
    code = ("import socket, sys\ns = socket.socket(socket.AF_UNIX)\n"
            "s.settimeout(20)\ns.connect(sys.argv[1])\nf = s.makefile()\n"
            "print(f.readline())\n"
            's.sendall(b\'{"do":"remove","rule":"x"}\\n\')\n'
            "print(f.readline())")
    said = lab.run(*member, sys.executable, "-c", code, str(place.path))
    hello, answer = [json.loads(line) for line in said.split("\n") if line]
    assert hello["may"] == "watch", hello
    assert answer == {"error": "only root may change rules"}, answer


def test_rules(place):
    """What is added is true at once, is told apart, and is removed again."""
    path = place.directory / "rule.yaml"
    path.write_text(f"- name: ours\n  where: dpt = {OTHER} and dst = {TO}\n"
                    "  action: raise\n  tags: [seen]\n")
    before = place.logged(OTHER)
    done = place.pidtree("rules", "add", str(path))
    assert done.returncode == 0 and "1 rule," in done.stdout, done
    place.connect(2, OTHER)
    assert lab.until(lambda: place.logged(OTHER) >= before + 4, 20)
    raised = [line for line in place.collector.lines()
              if b' decision="raise"' in line]
    assert len(raised) == 2 and all(
        b' rule="ours"' in line and b' tags="seen"' in line
        for line in raised), raised
    listed = place.pidtree("rules", "ls", "--json").stdout.splitlines()
    rule = json.loads(listed[0])["rule"]
    assert (rule["name"], rule["added"], rule["hits"], rule["decided"]) == \
        ("ours", True, 2, 2), rule
    assert place.status()["ruleHits"] == {"ours": 2}, place.status()
    shown = place.pidtree("rules", "ls").stdout
    assert "raise: ours [seen]" in shown and "until a restart" in shown, shown
    twice = place.pidtree("rules", "add", str(path))
    assert twice.returncode == 2 and "ours" in twice.stderr, twice
    path.write_text("- name: bad\n  where: dpt ~ 4\n")
    bad = place.pidtree("rules", "add", str(path))
    assert bad.returncode == 2 and "rule:2:" in bad.stderr, bad
    gone = place.pidtree("rules", "rm", "ours")
    assert gone.returncode == 0 and "0 rules" in gone.stdout, gone
    again = place.pidtree("rules", "rm", "ours")
    assert again.returncode == 2 and "ours" in again.stderr, again


def test_requests(place):
    client = Client(place.path)
    assert client.hello["may"] == "change" and \
        client.hello["protocol"] == 1, client.hello
    for wrong, word in (
            (b"x\n", "JSON object"), (b'{"do":"stats"}\n', "expected status"),
            (b'{"do":"status","a":1}\n', "unknown"),
            (b'{"do":"trace","where":"dpt ~ 44"}\n', "where")):
        client.send(wrong)
        assert word in client.line()["error"], wrong
    client.send(b"\0\n")
    assert "error" in client.line() and "closed" in client.line()["error"]
    assert client.line() is None
    client = Client(place.path)
    client.send(b"[" * 20000)
    assert "too long" in client.line()["error"]
    client.close()


def garbage(place, stop, rounds):
    """At full speed, again and again."""
    noise = os.urandom(32768)
    while not stop.is_set():
        with contextlib.suppress(OSError), \
                socket.socket(socket.AF_UNIX) as noisy:
            noisy.settimeout(5)
            noisy.connect(str(place.path))
            rounds.append(1)
            while not stop.is_set():
                noisy.sendall(noise)


def test_stuck(place):
    files = place.open_files()
    stuck = [Client(place.path) for _ in range(MANY)]
    for client in stuck:
        assert client.ask(do="trace", where=f"dst = {TO}") == {"trace": "begun"}
    good = place.trace("good", f"dpt = {HERE} and dst = {TO}")
    assert place.watching(MANY + 1)
    stop, rounds = threading.Event(), []
    noisy = threading.Thread(target=garbage, args=(place, stop, rounds))
    noisy.start()
    before = place.logged()
    try:
        place.connect(ROUND)
        assert lab.until(lambda: place.logged() == before + 2 * ROUND, 60), \
            (before, place.logged())
        assert lab.until(lambda: place.status()["clients"]["lost"] > 0, 30)
        assert lab.until(lambda: sum(place.shown("good")) >= 2 * ROUND,
                         60), place.shown("good")
    finally:
        stop.set()
        noisy.join()
        lab.stop(good)
    assert sum(place.shown("good")) == 2 * ROUND, place.shown("good")
    print("# shown, lost by who reads:", *place.shown("good"))
    assert rounds, "nothing was sent"
    status = place.status()
    assert status["healthy"], status
    assert not any(status["losses"].values()), status["losses"]
    # One of them reads at last: nothing is missing that was not counted.
    got = lost = 0
    while got + lost < 2 * ROUND:
        line = stuck[0].line()
        lost += line.get("lost", 0)
        got += f'dpt="{HERE}"' in line.get("message", "")
    assert lost > 0 and got > 0 and got + lost == 2 * ROUND, (got, lost)
    for client in stuck:
        client.close()
    assert lab.until(lambda: place.open_files() <= files, 30), \
        (files, place.open_files())


def test_costly(place):
    """What expressions cost is bounded.  Of a collector that was stopped all
    that had happened meanwhile is one moment."""
    numbers = ",".join(str(5000000 + i) for i in range(240))
    clients = [Client(place.path) for _ in range(MANY)]
    for client in clients:
        assert client.ask(do="trace", where=f"any.spid in ({numbers})") == \
            {"trace": "begun"}
    good = place.trace("cheap")
    assert place.watching(MANY + 1)
    before, lost = place.logged(), place.status()["clients"]["lost"]
    place.collector.process.send_signal(signal.SIGSTOP)
    try:
        place.connect(2 * ROUND)
    finally:
        place.collector.process.send_signal(signal.SIGCONT)
    assert lab.until(lambda: place.logged() == before + 4 * ROUND, 60), \
        (before, place.logged())
    assert lab.until(lambda: place.status()["clients"]["lost"] > lost, 30)
    for client in clients:
        assert client.line()["lost"] > 0
        client.close()
    assert lab.until(lambda: sum(place.shown("cheap")) >= 4 * ROUND, 60), \
        place.shown("cheap")
    lab.stop(good)
    assert not any(place.status()["losses"].values())


def test_many(place):
    clients = []
    try:
        while True:
            clients.append(Client(place.path))
            if "error" in clients[-1].hello:
                break
    finally:
        for client in clients:
            client.close()
    assert len(clients) == 65, len(clients)
    assert "too many" in clients[-1].hello["error"], clients[-1].hello
    assert lab.until(lambda: place.pidtree("status").returncode == 0, 30)


def test_restart(place):
    watcher = place.trace("over", f"dpt = {OTHER} and msgid = CONNECT and dst = {TO}")
    rule = place.directory / "kept.yaml"
    rule.write_text("name: kept\nwhere: dpt = 9\naction: tag\ntags: [a]\n")
    assert place.pidtree("rules", "add", str(rule)).returncode == 0
    assert place.watching(1)
    for end in (place.collector.stop, place.collector.kill):
        seen = len(place.traced("over"))
        end()
        gone = place.pidtree("status")
        assert gone.returncode == 2 and "no collector" in gone.stderr, gone
        place.collector.start()
        assert "0 rules" in place.pidtree("rules", "ls").stdout
        assert place.watching(1)
        place.connect(2, OTHER)
        assert lab.until(lambda: len(place.traced("over")) >= seen + 2, 20)
    lab.stop(watcher)


def main():
    lab.need_root_and_btf()
    failed = 0
    with lab.Undo() as undo:
        place = Place(undo)
        for name, test in list(globals().items()):
            if not name.startswith("test_"):
                continue
            begun = time.monotonic()
            try:
                test(place)
            except Exception as why:       # pylint: disable=broad-except
                failed = 1
                for process in place.traces:
                    lab.stop(process)
                traceback.print_exc(file=sys.stdout)
                print(f"FAIL: control/{name[5:]}: {why!r}"[:2000])
                continue
            print(f"PASS: control/{name[5:]}")
            print(f"# {time.monotonic() - begun:.1f} s")
        if failed:
            print(place.collector.trouble())
    return failed


if __name__ == "__main__":
    try:
        sys.exit(main())
    except lab.Skip as reason:
        print(f"SKIP: control: {reason}")
        sys.exit(77)
