#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Rules on the real kernel: what they tag, raise, count and drop is as they
say and adds up; processes that were there before a rule are ancestors as any
others; a thousand of them change while connections are made, and each
connection is decided by one set, whole."""
import collections
import os
import shutil
import signal
import subprocess
import sys
import time

import compare
import lab

PORT = lab.PORTS[0]
RULES = """
- name: ours
  event: [connect]
  where: exe = {flood} and dst in 198.51.0.0/16
  tags: [ours, flood]
- name: raised
  where: dpt = {raised} and any.exe = {python}
  action: raise
  tags: [ours, bad]
- name: dropped
  where: dpt = {dropped} and exe = {flood}
  action: drop
- name: counted
  where: dpt = {counted} and exe = {flood}
  action: digest
- name: ends
  event: [close]
  where: dpt = {raised}
  tags: [end]
"""


def report(name, why):
    print(f"{'FAIL' if why else 'PASS'}: rules/{name}"
          f"{': ' + why if why else ''}", flush=True)
    return bool(why)


def flood(network, count, port, processes=0):
    """As many connections to this port, from processes of one line; of many
    processes each makes as many, at once, and is not waited for."""
    words = [lab.program("tests/system/flood"), network.path,
             str(processes or 1), str(count), str(port), str(port),
             "250" if processes else "500"]
    if processes:
        return subprocess.Popen(words, stdout=subprocess.PIPE)
    done = subprocess.run(words, stdout=subprocess.PIPE, check=True,
                          timeout=120)
    return int(done.stdout.split()[0])


def ours(collector, network, bad):
    """The lines, and those of them that are about our network namespace."""
    netns = str(os.stat(network.path).st_ino).encode()
    lines = compare.parse(collector.lines(), bad)
    return lines, [line for line in lines if line.event.get("netns") == netns]


def severity(line):
    return int(line.data[1:line.data.index(b">")]) % 8


def put(directory, text, name="a.yaml"):
    (directory / "rules.d").mkdir(exist_ok=True)
    path = directory / "rules.d" / name
    path.with_suffix(".new").write_text(text)
    path.with_suffix(".new").rename(path)
    return path


def state(lines, msgid):
    return [line for line in lines if line.id == msgid][-1].event


def decides():
    with lab.Undo() as undo:
        directory, network = lab.Directory(undo), lab.Network(undo)
        ports = {"raised": PORT + 1, "dropped": PORT + 2,
                 "counted": PORT + 3}
        put(directory, RULES.format(
            flood=os.path.realpath(lab.program("tests/system/flood")),
            python=os.path.realpath(sys.executable), **ports))
        collector = lab.Collector(undo, directory)
        collector.start()
        for port in [PORT, *ports.values()]:
            made = flood(network, 100, port)
            if made != 100:
                return report("decides", f"{made} connections made")
        time.sleep(1)
        collector.stop()
        bad = []
        lines, about = ours(collector, network, bad)
        stop = state(lines, "STOP")
        by = collections.Counter(
            (line.id, int(line.event["dpt"]) - PORT,
             line.event.get("rule", b"").decode(),
             line.event.get("decision", b"").decode(),
             line.event.get("tags", b"").decode(), severity(line))
            for line in about if line.id != "CLOSE" or
            line.event["dpt"] != str(PORT).encode())
        wanted = {
            ("CONNECT", 0, "ours", "tag", "ours,flood", 5): 100,
            ("CONNECT", 1, "raised", "raise", "ours,flood,bad", 4): 100,
            ("CONNECT", 3, "counted", "digest", "ours,flood", 5): 1,
            ("DIGEST", 3, "counted", "digest", "ours,flood", 5): 1,
        }
        seen = {key: n for key, n in by.items() if key[0] != "CLOSE"}
        if seen != wanted:
            bad.append(f"{seen}")
        for key in by:
            if key[0] == "CLOSE" and key[1:] not in (
                    (1, "ends", "tag", "end", 5), (3, "", "", "", 6)):
                bad.append(f"{key}")
        digest = [line for line in about if line.id == "DIGEST"]
        if [line.event["cnt"] for line in digest] != [b"99"]:
            bad.append(f"{[line.event for line in digest]}")
        if stop["drops"] != b"dropped=100" or \
                stop["digests"] != b"counted=100" or \
                stop.get("rule_dropped") != b"100" or \
                stop.get("rule_digested") != b"99":
            bad.append(f"{stop}")
        if state(lines, "START")["rules"] != b"5":
            bad.append("START has other rules")
        for row in bad:
            print(row)
        return report("decides", f"{len(bad)} differences" if bad else None)


ABOVE = """
- name: raised
  event: [connect]
  where: exe4 = {above} and sproc4 = above and dpt = {raised}
  action: raise
  tags: [above]
- name: any
  event: [connect]
  where: any.exe = {above} and exe = {flood} and dpt = {raised}
  tags: [any]
- name: nearer
  event: [connect]
  where: exe3 = {above} or exe5 = {above} or exe = {above}
  tags: [never]
- name: dropped
  where: exe4 = {above} and dpt = {dropped}
  action: drop
"""


class Line:
    """Three shells, of which the lowest waits, and then runs who forks whom
    makes connections: the one that is called above is four generations up."""

    def __init__(self, undo, directory, network, ports):
        flood_at = lab.program("tests/system/flood")
        text = "echo ready; read x; " + "; ".join(
            f"{flood_at} {network.path} 1 50 {port} {port} 500"
            for port in ports) + "; echo done; read x"
        for number in (1, 0):
            path = directory / f"line{number}"
            path.write_text(text + "\n")
            text = f"/bin/sh {path}; :"
        self.process = subprocess.Popen(
            [directory / "above", "-c", text], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE)
        undo.callback(self.end)
        self.await_line(b"ready\n")

    def await_line(self, word):
        line = self.process.stdout.readline()
        while line not in (word, b""):
            line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"no {word} of the line")

    def go(self):
        self.process.stdin.write(b"\n")
        self.process.stdin.flush()
        self.await_line(b"done\n")

    def end(self):
        """Its lowest reads the end of a file, and all end."""
        self.process.stdin.close()
        self.process.wait(30)
        self.process.stdout.close()


def above():
    """One line is there before the collector, another before the rules."""
    with lab.Undo() as undo:
        directory, network = lab.Directory(undo), lab.Network(undo)
        shutil.copy(os.path.realpath("/bin/sh"), directory / "above")
        ports = [PORT, PORT + 1, PORT + 2]
        lines = [Line(undo, directory, network, ports)]
        collector = lab.Collector(undo, directory)
        collector.start()
        lines.append(Line(undo, directory, network, ports))
        put(directory, ABOVE.format(
            flood=os.path.realpath(lab.program("tests/system/flood")),
            above=directory / "above", raised=PORT + 1, dropped=PORT + 2))
        bad = []
        if not reload(collector, lambda: sum(
                b" RELOAD " in line for line in collector.lines())):
            bad.append("no RELOAD")
        for line in lines:
            line.go()
        time.sleep(1)
        collector.stop()
        got, about = ours(collector, network, bad)
        by = collections.Counter(
            (int(line.event["dpt"]) - PORT,
             line.event.get("rule", b"").decode(),
             line.event.get("tags", b"").decode(), severity(line))
            for line in about if line.id == "CONNECT")
        wanted = {(0, "", "", 6): 100, (1, "raised", "above,any", 4): 100}
        if by != wanted:
            bad.append(f"{dict(by)}")
        drops = state(got, "STOP").get("drops")
        if drops != b"dropped=100":
            bad.append(f"drops {drops}")
        for row in bad:
            print(row)
        return report("above", f"{len(bad)} differences" if bad else None)


def thousand(letter):
    """A set whose first and last rules are true of everything, and all
    between of nothing."""
    rows = [f"- {{name: first, where: dpt > 0, tags: [{letter}-first]}}"]
    for n in range(998):
        rows.append(f"- {{name: {letter}{n}, where: exe = /x/{n} and "
                    f"sproc ~ 'p{n}', tags: [never]}}")
    rows.append(f"- {{name: last, where: dpt > 0, tags: [{letter}-last]}}")
    return "\n".join(rows) + "\n"


def reload(collector, loaded):
    """SIGHUP, and wait until it was heard."""
    before = loaded()
    collector.process.send_signal(signal.SIGHUP)
    return lab.until(lambda: loaded() > before, 60)


def changes():
    """Sets a and b in turn, and once a broken one."""
    with lab.Undo() as undo:
        directory, network = lab.Directory(undo), lab.Network(undo)
        path = put(directory, thousand("a"))
        collector = lab.Collector(undo, directory)
        collector.start()
        bad = []

        def reloads():
            return sum(b" RELOAD " in line for line in collector.lines())

        def troubles():
            return collector.trouble().count("not loaded")

        # 10,000 a second, where the machine can.
        child = flood(network, 10000, PORT, processes=4)
        undo.callback(lab.stop, child)
        undo.callback(child.stdout.close)
        for letter in "bababa":
            put(directory, thousand(letter))
            if not reload(collector, reloads):
                bad.append(f"no RELOAD with {letter}")
        put(directory, "- name: x\n  where: exee = /x\n")
        if not reload(collector, troubles):
            bad.append("a broken file was not refused")
        if f"{path}:2:10: where: unknown field \"exee\"" not in \
                collector.trouble():
            bad.append(collector.trouble())
        made, took = map(int, child.stdout.read().split()[:2])
        child.wait(120)
        rate = made * 10**9 // took
        made += flood(network, 100, PORT)
        time.sleep(1)
        collector.stop()
        lines, about = ours(collector, network, bad)
        compare.series(lines, bad)
        sets, now = {}, None
        by = collections.Counter()
        mine = {id(line) for line in about}
        for line in lines:
            if line.id in ("START", "RELOAD", "STATS"):
                now = line.event["rulesHash"]
            elif line.id == "CONNECT" and id(line) in mine:
                tags = line.event.get("tags", b"")
                by[tags] += 1
                if sets.setdefault(now, tags) != tags:
                    bad.append(f"{tags} under {now}")
        # A machine that is too slow loses some, and says how many.
        lost = int(state(lines, "STOP").get("attempts_full", 0))
        ids = {line.event["externalId"] for line in about
               if line.id == "CONNECT"}
        print(f"# {made} made, {rate} a second, {lost} lost, {dict(by)}")
        if set(by) - {b"a-first,a-last", b"b-first,b-last"} or not sets:
            bad.append(f"{dict(by)} {sets}")
        if not made - lost <= sum(by.values()) <= made:
            bad.append(f"{sum(by.values())} of {made} are in the log")
        if len(ids) != sum(by.values()):
            bad.append(f"{sum(by.values()) - len(ids)} are there twice")
        if now is None or sets.get(now) != b"a-first,a-last":
            bad.append("the broken file took the old set away")
        for row in bad[:20]:
            print(row)
        return report("changes", f"{len(bad)} differences" if bad else None)


def main():
    lab.need_root_and_btf()
    return max(decides(), above(), changes())


try:
    sys.exit(main())
except lab.Skip as reason:
    print(f"SKIP: rules: {reason}")
    sys.exit(77)
