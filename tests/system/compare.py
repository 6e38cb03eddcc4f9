# SPDX-License-Identifier: BSD-2-Clause
"""The log against the facts, field by field: every connection has its
messages, every message its connection, and no field is more or less."""
import collections
import os
import re
import socket
import time

import rfc5424_strict as strict
from facts import TICK
from expect import ABSENT, Command, Exactly
from truthful import Truth, seconds

FULL = 7400     # bytes from which on a message may have left something out


class Bad(collections.namedtuple("Bad", "case where field expected seen")):
    def __str__(self):
        def show(value):
            text = repr(value)
            return text if len(text) < 400 else \
                f"{text[:250]} ... {text[-100:]}"
        return (f"{self.case} {self.where}: {self.field}: expected "
                f"{show(self.expected)}, seen {show(self.seen)}")


class Line:
    """A message of the log, parsed strictly."""

    def __init__(self, data):
        self.data = data
        self.message = strict.check(data)
        self.id = self.message.msgid.decode()
        for name in ("meta", "host", "event", "ancestry"):
            params = self.message.element(name.encode()) or {}
            setattr(self, name, {key.decode(): value
                                 for key, value in params.items()})
        self.target = (self.event.get("dst", b"").decode(),
                       int(self.event.get("dpt", 0)))
        if self.id == "LISTEN":
            self.target = (self.event.get("src", b"").decode(),
                           int(self.event.get("spt", 0)))
        self.time = seconds(self.message.timestamp)

    def generations(self):
        """Distance -> its fields, without the distance in the names."""
        out = {}
        for name, value in self.ancestry.items():
            base, number = re.fullmatch("(.*?)([0-9]*)", name).groups()
            if number:
                out.setdefault(int(number), {})[base] = value
        return out


CALLER = ("spid", "sproc", "suid", "suser", "euid", "gid", "group", "egid",
          "auid", "auser", "ses", "exe", "script", "cmd", "cmdlen", "cmdhash", "born", "state")


class Compare:
    def __init__(self, facts, wants, pids, netns):
        self.facts = facts
        self.wants = wants
        self.pids = [str(pid).encode() for pid in pids]
        self.truth = Truth(facts, netns)
        self.bad = []
        self.good = collections.Counter()
        self.nameless = []              # names that were not there
        self.quoted = {}                # cmd -> argv, for bash
        self.ids = {}                   # target -> externalId of CONNECT
        self.begun = {}                 # target -> its event
        self.ended = collections.Counter()
        self.missing = []               # ends that are not there
        self.all_ids = collections.Counter()
        self.hostname = socket.gethostname().encode()

    def note(self, want, field, expected, seen):
        self.bad.append(Bad(want.row.name, f"{want.dst},{want.dpt}", field,
                            expected, seen))

    def fields(self, want, suffix, expected, seen, cut):
        """Every expected field is as expected, and there is no other."""
        for name in sorted(expected.keys() | seen.keys()):
            wanted = expected.get(name, ABSENT)
            short = name + suffix in cut
            if not wanted.match(seen.get(name), short):
                if wanted is ABSENT and name == "cmdlen" and "cmd" + suffix \
                        in cut:
                    continue
                if name in ("suser", "group", "auser") and name not in seen:
                    self.nameless.append(Bad(
                        want.row.name, f"{want.dst},{want.dpt}",
                        name + suffix, wanted, None))
                    continue
                if name == "born" and name not in seen and self.may_lack:
                    continue
                if name == "script" and name not in seen and \
                        expected["script"].match(b"x", False):
                    continue
                self.note(want, name + suffix, wanted, seen.get(name))
            elif isinstance(wanted, Command) and wanted.whole and not short \
                    and name in seen:
                self.quoted[seen[name]] = wanted.argv

    def header(self, want, line, conn, done):
        message = line.message
        last = done["real"] if done else conn["real"] + 60
        if line.id == "OUTCOME":
            last += 60
        for field, good in (
                ("PRI", message.prival == 86),
                ("HOSTNAME", message.hostname == self.hostname),
                ("APP-NAME", message.app == b"pidtreed"),
                ("PROCID", message.procid in self.pids),
                ("TIMESTAMP", conn["real"] - .02 <= line.time <= last + .02),
                ("boot", line.host.get("boot", b"-").decode() ==
                 self.truth.boot[:8]),
                ("id", len(line.host.get("id", b"")) > 3 or
                 not self.truth.machine),
                ("sysUpTime", conn["at"] / 1e9 - 1 <=
                 int(line.meta.get("sysUpTime", 0)) / 100 <=
                 time.clock_gettime(time.CLOCK_BOOTTIME))):
            if not good:
                self.note(want, field, f"{conn['real']}..{last}",
                          line.data[:200])

    def shown(self, want, line, rows, seen):
        full = self.truth.shown(len(rows))
        if seen == full:
            return
        kept = set(seen) <= set(full) and seen[:2] == full[:2] and \
            seen[-1:] == full[-1:]
        if not kept or len(line.data) < FULL:
            self.note(want, "generations shown", full, seen)

    def ancestry(self, want, line, conn, offset):
        rows, gone = self.facts.line(conn)
        cut = line.ancestry.get("truncated", b"").decode().split(",")
        redacted = line.ancestry.get("redacted", b"").decode().split(",")
        seen = line.generations()
        numbers = [0] + list(seen)
        if numbers != sorted(numbers):
            self.note(want, "order", sorted(numbers), numbers)
        self.shown(want, line, rows, sorted(numbers))
        self.may_lack = len(line.data) >= FULL
        seen[0] = {name: value for name, value in line.event.items()
                   if name in CALLER}
        for number, fields in seen.items():
            if number >= len(rows):
                self.note(want, f"spid{number}", None, fields)
                continue
            suffix = str(number) if number else ""
            expected = self.truth.generation(
                number, rows[number], rows[0], offset,
                "cmd" + suffix in redacted)
            if number and gone[number]:
                expected["state"] = Exactly("exited")
            self.fields(want, suffix, expected, fields, cut)
        missing = len(rows) - len(seen)
        self.fields(want, "", {
            "depth": Exactly(len(rows)),
            "cut": Exactly(missing) if missing else ABSENT,
            "chain": ABSENT if "chain" in cut else
            Exactly(self.truth.chain(rows, sorted(numbers))),
            "redacted": Exactly(want.row.fields.get("redacted")),
        }, {name: value for name, value in line.ancestry.items()
            if not name[-1].isdigit() and name != "truncated"}, [])
        self.sentence(want, line, rows, sorted(numbers), "chain" in cut)

    def sentence(self, want, line, rows, shown, cut):
        """For people: vm root: curl(1) -> 192.0.2.1:443/tcp refused; ..."""
        user = line.event.get("suser", line.event["suid"])
        host = f"[{want.dst}]" if ":" in want.dst else want.dst
        text = b"%s %s: %s %s %s:%d/%s" % (
            self.hostname, user, self.truth.chain(rows, [0]),
            b"listens on" if want.row.kind == "LISTEN" else b"->",
            host.encode(), want.dpt,
            line.event.get("proto", b"").lower())
        if "outcome" in line.event:
            text += b" " + line.event["outcome"]
        if len(rows) > 1 and not cut:
            text += b"; " + self.truth.chain(rows, shown, False)
        if line.message.msg != text:
            self.note(want, "sentence", text, line.message.msg)

    def message(self, want, line, conn, done, outcome):
        self.header(want, line, conn, done)
        event = {name: value for name, value in line.event.items()
                 if name not in CALLER}
        expected = self.truth.connection(want, conn, done, outcome)
        if line.id == "OUTCOME":
            expected["cid"] = Exactly(self.ids.get(line.target))
        else:
            self.ids[line.target] = event.get("externalId")
            if line.target:             # a subflow has none
                self.begun[line.target] = event
        self.all_ids[event.get("externalId")] += 1
        self.fields(want, "", expected, event, [])
        self.ancestry(want, line, conn, conn["offset"])

    def outcome(self, want, lines):
        """Which of the allowed sequences these messages are; None: none."""
        seen = [line.event.get("outcome", b"nomark").decode()
                for line in lines]
        ids = [line.id for line in lines]
        for sequence in want.outcomes:
            if seen == sequence and ids == [want.row.kind] + ["OUTCOME"] * (
                    len(sequence) - 1):
                return sequence
        self.note(want, "messages", want.outcomes, list(zip(ids, seen)))
        return None

    def connection(self, want, lines):
        """All messages of one connection."""
        before = len(self.bad)
        where = want.dst, want.dpt
        conn = self.facts.conns.get(where)
        if not conn:
            return self.note(want, "generator", "a fact", None)
        done = self.facts.dones.get(where)
        lines = self.subflows(want, lines, conn, done)
        outcome = self.outcome(want, lines)
        for line, one in zip(lines, outcome or []):
            self.message(want, line, conn, done, one)
        if len(self.bad) == before:
            self.good[want.row.name] += 1
        return None

    def ends(self, lines):
        """Each session, and each connection that was established, has one
        CLOSE, and it says what is true."""
        by_cid = collections.defaultdict(list)
        for line in lines:
            if line.id == "CLOSE":
                by_cid[line.event.get("cid")].append(line)
        for where, begun in self.begun.items():
            want = self.wants[where]
            found = by_cid[begun["externalId"]]
            ends = want.row.kind == "UDP" or \
                begun.get("outcome") == b"established"
            if ends and not found:
                self.missing.append(Bad(want.row.name, where, "CLOSE", 1, 0))
            elif len(found) > 1 or (found and not ends):
                self.note(want, "CLOSE", int(ends), len(found))
            for line in found:
                self.ended[want.row.kind] += 1
                self.fields(want, "", self.truth.end(want, begun),
                            line.event, [])
                if line.ancestry or len(line.data) >= 500:
                    self.note(want, "CLOSE", "under 500 bytes", line.data)
        # a program that interrupts itself is not run, and that is counted
        if len(self.missing) > skipped(lines):
            self.bad += self.missing

    def accepts(self, lines, port, server):
        """The other side of each connection to this port is told, once, as
        the server's."""
        seen = collections.defaultdict(list)
        for line in lines:
            if line.id == "ACCEPT":
                seen[tuple(line.event.get(name) for name in (
                    "src", "spt", "dst", "dpt"))].append(line)
        for where, begun in self.begun.items():
            if where[1] != port or begun.get("outcome") != b"established" or \
                    begun.get("proto") != b"TCP" or "repair" in begun:
                continue
            want = self.wants[where]
            found = seen[tuple(begun.get(name) for name in (
                "src", "spt", "dst", "dpt"))]
            self.ended["ACCEPT"] += len(found)
            who = [(line.event.get("dpid"), line.event.get("dproc"),
                    line.ancestry.get("dpid1")) for line in found]
            wanted = [(b"%d" % server, b"serve", b"%d" % os.getpid())]
            if who != wanted and not (who == [] and skipped(lines)):
                self.note(want, "ACCEPT", wanted, who)

    def subflows(self, want, lines, conn, done):
        """Checks and takes away the messages of further MPTCP subflows."""
        if want.row.lines == 1:
            return lines
        more = [line for line in lines if line.event.get("subflow") == b"1"]
        if len(more) != want.row.lines - 1:
            self.note(want, "subflows", want.row.lines - 1, len(more))
        for line in more:
            event = {**conn, "src": "203.0.113.194", "spt": 0,
                     "tid": conn["pid"]}
            line.target = None
            row = want.row
            sub = type(want)(type(row)(row.name, 1, "", {
                **row.fields, "subflow": "1"}), want.dst, want.dpt, [])
            line.event = {name: value for name, value in line.event.items()
                          if name not in ("tid", "thread", "kernel")}
            self.message(sub, line, event, None, "established")
        return [line for line in lines if line not in more]

    def ours(self, line):
        """Is it of a process of the generator, or of our descent?"""
        pid, _, start = line.event.get("pkey", b"0:0").partition(b":")
        return (int(pid), int(start) // TICK) in self.facts.procs or \
            any(fields.get("spid") == str(os.getpid()).encode()
                for fields in line.generations().values())

    def run(self, lines):
        """lines: the whole log, strictly parsed; what others on this
        machine do meanwhile, even a second run of this, is not looked at."""
        by_target = collections.defaultdict(list)
        for line in lines:
            want = self.wants.get(line.target)
            if line.id == "LISTEN" and want and want.row.kind != "LISTEN":
                continue                # newnet's other end
            if self.ours(line) and line.id != "DNS" and \
                    "snapshot" not in line.event:
                by_target[line.target].append(line)
        for where, want in self.wants.items():
            self.connection(want, by_target.pop(where, []))
        # a name may come too late: then the number alone, and it is counted
        if len(self.nameless) > sum(late_names(lines).values()):
            self.bad += self.nameless
        for where, more in by_target.items():
            for line in more:
                self.bad.append(Bad("-", where, "message",
                                    "none: no such connection",
                                    line.data[:300]))


def parse(datas, bad):
    """Strictly; what does not parse goes into bad."""
    lines = []
    for data in datas:
        try:
            lines.append(Line(data))
        except strict.Bad as error:
            bad.append(Bad("-", "line", str(error), "RFC 5424", data[:500]))
    return lines


def skipped(lines):
    """How often the kernel says that it did not run a program."""
    return sum(int(line.event["cnt"]) for line in lines if line.id == "LOST"
               and line.event["cause"] == b"recursion_misses")


def late_names(lines):
    """PROCID -> names that the collector says it did not get in time."""
    counts = {}
    for line in lines:
        if line.id in ("STATS", "STOP"):
            counts[line.message.procid] = int(
                line.event.get("names_timeout", 0))
    return counts


def series(lines, bad):
    """sequenceId runs from 1 without a gap for each collector."""
    last = {}
    for line in lines:
        number = int(line.meta.get("sequenceId", 0))
        before = last.get(line.message.procid, 0)
        if number != before + 1:
            bad.append(Bad("-", line.id, "sequenceId", before + 1, number))
        last[line.message.procid] = number
