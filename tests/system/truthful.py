# SPDX-License-Identifier: BSD-2-Clause
"""What a message must say of a connection, as EVENTS' contract derives it
from the facts: a dictionary from field to what is expected of it."""
import calendar
import errno
import pathlib
import re
import time

import cases
import facts as facts_
import shelltext
from expect import (ABSENT, Command, Exactly, Like, Name, Redacted, Where)

NEAREST, OUTERMOST = 24, 8
SCRIPT_MAX = 255
SECRET = b"hunter2hunter2"
NOBODY = (-1, 0xffffffff)
ANYTHING = Where("anything", lambda seen: True, True)
FAILED = {"refused", "timeout", "unreachable", "reset"}


def seconds(text):
    """A time of the log since 1970; the fraction may be long."""
    text = text.decode()
    base = calendar.timegm(time.strptime(text[:19], "%Y-%m-%dT%H:%M:%S"))
    return base + float("0" + text[19:-1])


def plain(text):
    return text.removeprefix("::ffff:")


def chain_name(row):
    """comm(pid) as it stands in chain, adopter and sentence."""
    comm = facts_.raw(row["comm"])
    out = bytearray()
    at = 0
    while at < len(comm):
        length = shelltext.clean(comm, at)
        escape = not length or comm[at] in b"<>();, " or \
            re.match(rb"\\x[0-9a-fA-F]{2}", comm[at:])
        if escape:
            out += b"\\x%02x" % comm[at]
            length = 1
        else:
            out += comm[at:at + length]
        at += length
    return bytes(out)


class Truth:
    """Of one run: facts, and what is the same for all messages."""

    def __init__(self, facts, netns):
        self.facts = facts
        self.netns = netns              # the collector's
        self.users, self.groups = {}, {}
        # a root that was never booted has none, and then neither has the host
        machine = pathlib.Path("/etc/machine-id")
        self.machine = machine.exists() and machine.read_text().strip()
        self.boot = pathlib.Path("/proc/sys/kernel/random/boot_id"
                                 ).read_text().replace("-", "").strip()

    def user(self, uid):
        if uid not in self.users:
            self.users[uid] = facts_.user_name(uid)
        return Exactly(self.users[uid])

    def group(self, number, row, caller):
        gid = row["gid"]
        if number and gid == caller["gid"]:
            return {}
        if gid not in self.groups:
            self.groups[gid] = facts_.group_name(gid)
        return {"gid": Exactly(gid), "group": Exactly(self.groups[gid])}

    def connection(self, want, conn, done, outcome):
        """event@ without what belongs to the caller."""
        local = done or conn
        src, any_ = plain(local["src"]), ("", "0.0.0.0", "::")
        fields, kind = want.row.fields, want.row.kind
        key = Where(f"{conn['pid']}:{conn['start']} ticks", lambda seen:
                    [int(n) // unit for n, unit in zip(
                        seen.split(b":"), (1, facts_.TICK))] ==
                    [conn["pid"], conn["start"]])
        event = {
            "act": Exactly("connect"), "proto": Exactly("TCP"),
            "deviceDirection": Exactly(1),
            "dst": Exactly(want.dst), "dpt": Exactly(want.dpt),
            "src": Like("203[.]0[.]113[.]193|2001:db8:1::1") if src in any_
            else Exactly(src),
            "spt": Exactly(local["spt"] or conn["spt"])
            if local["spt"] or conn["spt"] else Like("[1-9][0-9]*"),
            "netns": Exactly(conn["netns"])
            if conn["netns"] != self.netns else ABSENT,
            "nsuid": Exactly(fields.get("nsuid")),
            "userns": Like("[1-9][0-9]*") if "nsuid" in fields else ABSENT,
            # A subflow is opened by the kernel: there is no living line of
            # the owner to walk, only his line of birth.
            "pkey": key, "adopter": ABSENT if fields.get("subflow")
            else Exactly(self.adopter(conn)),
            "externalId": Like(self.boot[:16] + "-[0-9a-z-]+"),
            **{name: Exactly(fields.get(name))
               for name in ("repair", "kernel", "subflow")},
            **self.thread(want, conn), **self.cgroup(conn),
            **self.outcome(outcome, done)}
        if kind == "UDP":
            event.update(act=Exactly("send"), proto=Exactly("UDP"))
            if conn["mode"] not in ("connected", "quic"):
                event["src"] = Where("an address or none", bool, True)
        elif kind == "LISTEN":
            for name in "dst", "dpt", "deviceDirection":
                del event[name]
            event.update(
                act=Exactly("listen"), src=Exactly(want.dst),
                spt=Exactly(want.dpt),
                proto=Exactly(fields.get("proto", "TCP")))
        return event

    @staticmethod
    def end(want, begun):
        """event@ of the CLOSE of what began so."""
        udp = want.row.kind == "UDP"
        digits = Like("[0-9]+")
        return {
            "act": Exactly("close"), "cid": Exactly(begun["externalId"]),
            "externalId": Exactly(begun["externalId"] + b"-c"),
            **{name: Exactly(begun.get(name)) for name in (
                "proto", "dst", "dpt", "netns")},
            # that of a datagram need not be known
            "src": Exactly(begun.get("src")), "spt": Exactly(begun["spt"]),
            "duration": digits,
            "outcome": Like("closed" if udp else "closed|reset|aborted"),
            "closedBy": Exactly("local") if udp else Like("local|remote"),
            "reason": ABSENT if udp else Where("E...", lambda seen:
                                               seen[:1] == b"E", True),
            "cnt": Exactly(want.row.fields.get("cnt", 1)) if udp else ABSENT,
            "in": ABSENT if udp else Exactly(0),
            "out": ABSENT if udp else Like("[01]")}

    @staticmethod
    def outcome(outcome, done):
        if outcome == "nomark":
            return {}
        reason = ABSENT
        if outcome in FAILED:
            reason = Exactly(errno.errorcode.get(done["errno"])) if done \
                else Like("E[A-Z]+")
        return {"outcome": Exactly(outcome), "reason": reason,
                "waited": Like("[0-9]+")}

    @staticmethod
    def thread(want, conn):
        pattern = want.row.fields.get("thread")
        if pattern:
            return {"thread": Like(pattern), "tid": Where(
                "another", lambda seen: int(seen) != conn["pid"])}
        if conn["tid"] == conn["pid"]:
            return {}
        return {"tid": Exactly(conn["tid"]),
                "thread": Name(facts_.raw(conn["thread"]))}

    @staticmethod
    def cgroup(conn):
        path = conn["cgroup"]
        if not path:
            return {}
        unit = re.search(r"/([^/]+\.(?:service|scope))", path)
        if path.endswith("inner.service"):      # the container's own
            unit = None
        ours = re.sub(r".*/pidtreed-test-\d+", "", path)
        runtime, box, pod = cases.CONTAINERS.get(ours) or (None, None, None)
        return {"cgroup": Exactly(None) if path == "/" else
                Name(path.encode()),
                "unit": Name(unit[1].encode()) if unit else Exactly(None),
                "runtime": Exactly(runtime), "container": Exactly(box),
                "containerName": Exactly(   # where the id is the name
                    box if runtime in ("lxc", "systemd-nspawn") else None),
                "podUid": Exactly(pod)}

    def adopter(self, conn):
        """The nearest living ancestor that is not a parent by birth."""
        facts = self.facts
        row = facts.state((conn["pid"], conn["start"]), conn["at"])
        ppid = conn["ppid"]
        while ppid:
            keys = [key for key in facts.latest.get(ppid, [])
                    if key[1] <= row["start"] + 1]
            if not keys:
                return None
            up = facts.state(keys[-1], conn["at"])
            if facts.parent(row) != keys[-1]:
                return chain_name(up) + b"(%d)" % ppid
            row, ppid = up, up["ppid"]
        return None

    def script(self, row, exe):
        """What exec was asked for, if that is not what runs."""
        asked = facts_.raw(row["asked"])
        if row.get("static"):
            return ANYTHING
        if not asked or asked == exe or exe == b"/usr" + asked or \
                self.facts.seeded(row):
            return ABSENT
        if len(asked) > SCRIPT_MAX:
            asked = asked[:SCRIPT_MAX] + b"..."
        return Name(asked)

    def login(self, number, row, caller):
        auid, ses = row["auid"], row["ses"]
        if auid in NOBODY or number and auid == caller["auid"]:
            return {}
        return {"auid": Exactly(auid), "auser": self.user(auid),
                "ses": Exactly(ses) if not number and ses not in NOBODY
                else ABSENT}

    def generation(self, number, row, caller, offset, redacted):
        """The fields of a process, without the distance in their names."""
        exe = facts_.raw(row["exe"] or "")
        argv = [facts_.raw(arg) for arg in row["argv"]]
        command = Command(argv)
        born = row["start"] * facts_.TICK / 1e9 + offset
        out = {
            "spid": Exactly(row["pid"]),
            "sproc": Name(facts_.raw(row["comm"])),
            "suid": Exactly(row["uid"]), "suser": self.user(row["uid"]),
            "euid": Exactly(row["euid"])
            if not number and row["euid"] != row["uid"] else ABSENT,
            **self.group(number, row, caller),
            "egid": Exactly(row["egid"])
            if not number and row["egid"] != row["gid"] else ABSENT,
            "exe": ANYTHING if row["exe"] is None else Name(exe),
            "script": self.script(row, exe),
            "cmd": command, "born": Where(
                time.strftime("%FT%T", time.gmtime(born)), lambda seen:
                len(seen) == 24 and -0.006 <= seconds(seen) - born <=
                facts_.TICK / 1e9 + 0.006),
            "cmdlen": ABSENT if command.whole else Exactly(command.length),
            **self.login(number, row, caller)}
        if redacted:
            out["cmd"] = Redacted(SECRET)
            out["cmdhash"] = Like("[0-9a-f]{16}")
        return out

    @staticmethod
    def shown(count):
        """Distances of the generations that a message shows when all of
        them fit."""
        full = list(range(count))
        if count > NEAREST + OUTERMOST:
            full = full[:NEAREST] + full[-OUTERMOST:]
        return full

    @staticmethod
    def chain(rows, shown, pids=True):
        """Names of the nearest 8 and the outermost 2 that are shown; (+N)
        stands for those between."""
        if len(shown) > 10:
            shown = shown[:8] + shown[-2:]
        parts, last = [], -1
        for number in shown:
            if number > last + 1:
                parts.append(b"(+%d)" % (number - last - 1))
            row = rows[number]
            parts.append((chain_name(row) or b"?") +
                         (b"(%d)" % row["pid"] if pids else b""))
            last = number
        return b"<".join(parts)
