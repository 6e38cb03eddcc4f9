# SPDX-License-Identifier: BSD-2-Clause
"""What `load` and this process know to be true, joined into lines of
ancestors: a process is (pid, start in ticks), its states are rows in time."""
import bisect
import grp
import json
import os
import pathlib
import pwd
import time

TICK = 1_000_000_000 // os.sysconf("SC_CLK_TCK")


def raw(text):
    """The bytes that a fact's string stands for."""
    return text.encode("latin-1")


def boot_ns():
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME)


def user_name(uid):
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return None


def group_name(gid):
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return None


def cgroup2(text):
    """The path in the second hierarchy, of a /proc/PID/cgroup; or None."""
    paths = [line[3:] for line in text.splitlines() if line.startswith("0::")]
    return paths[0] if paths else None


def proc_row(pid):
    """A fact about a living process, read from /proc."""
    base = pathlib.Path("/proc") / str(pid)
    stat = (base / "stat").read_bytes()
    after = stat[stat.rindex(b")") + 2:].split()
    status = (base / "status").read_text(errors="replace")
    ids = {line[:4]: [int(word) for word in line[4:].split()]
           for line in status.splitlines() if line[:4] in ("Uid:", "Gid:")}

    def number(name):
        return int((base / name).read_text())
    try:
        exe = os.readlink(os.fsencode(base / "exe"))
    except PermissionError:
        exe = None              # process 1 in some sandboxes
    except FileNotFoundError:
        exe = b""
    argv = (base / "cmdline").read_bytes().split(b"\0")[:-1]
    return {
        "t": "proc", "at": 0, "pid": pid, "start": int(after[19]),
        "ppid": int(after[1]), "by": None, "after": 0, "before": 0,
        "uid": ids["Uid:"][0], "euid": ids["Uid:"][1],
        "gid": ids["Gid:"][0], "egid": ids["Gid:"][1],
        "auid": number("loginuid"), "ses": number("sessionid"),
        "comm": (base / "comm").read_bytes()[:-1].decode("latin-1"),
        "exe": exe and exe.decode("latin-1"), "asked": "",
        "argv": [arg.decode("latin-1") for arg in argv],
        "cgroup": cgroup2((base / "cgroup").read_text()), "static": True,
    }


def elsewhere(pid):
    """Has it a root of its own?"""
    try:
        return os.readlink(f"/proc/{pid}/root") != "/"
    except FileNotFoundError:       # its leader has left
        return False


class Facts:
    """procs: key -> rows in time; conns, dones: (dst, dpt) -> row."""

    def __init__(self):
        self.procs = {}
        self.exits = {}
        self.conns = {}
        self.dones = {}
        self.ready = 0          # when the collector was ready, ns of boot
        self.latest = {}        # pid -> keys in order of appearance
        self.learn_line(os.getpid())

    def learn_line(self, pid):
        """This process and its ancestors: they stay as they are."""
        while pid:
            row = proc_row(pid)
            self.add(row)
            pid = row["ppid"]

    def forget(self):
        """All but this process and its ancestors; read() brings it back."""
        static = [rows[0] for rows in self.procs.values()
                  if rows[0].get("static")]
        ready = self.ready
        self.__dict__.update(procs={}, exits={}, conns={}, dones={},
                             latest={}, ready=ready)
        for row in static:
            self.add(row)

    def add(self, row):
        key = row["pid"], row["start"]
        if key not in self.procs:
            self.latest.setdefault(row["pid"], []).append(key)
        self.procs.setdefault(key, []).append(row)

    def read(self, path):
        """Appends what the generator wrote."""
        with open(path, encoding="ascii") as stream:
            for line in stream:
                row = json.loads(line)
                if "cgroup" in row:
                    row["cgroup"] = cgroup2(row["cgroup"])
                if row["t"] == "proc":
                    self.add(row)
                elif row["t"] == "exit":
                    self.exits[row["pid"], row["start"]] = row["at"]
                else:
                    into = self.conns if row["t"] == "conn" else self.dones
                    into[row["dst"].removeprefix("::ffff:"), row["dpt"]] = row
        for rows in self.procs.values():
            rows.sort(key=lambda row: row["at"])

    def disagree(self):
        """The generator's own words against /proc, for what lives and has
        no secrets from us (a root of its own): [(pid, field, fact, proc)]."""
        wrong = []
        for (pid, start), rows in self.procs.items():
            try:
                seen = proc_row(pid)
            except (OSError, ValueError):
                continue
            if seen["start"] != start:
                continue
            if rows[0].get("static") or elsewhere(pid):
                continue
            fact = rows[-1]
            wrong += [(pid, name, fact[name], seen[name]) for name in (
                "ppid", "uid", "euid", "gid", "egid", "auid", "ses", "comm",
                "exe", "argv", "cgroup") if fact[name] != seen[name] and not (
                    name in ("exe", "argv") and not seen["exe"])]
        return wrong

    def state(self, key, at):
        """The process as it was at that time, in its last known state."""
        rows = self.procs[key]
        i = bisect.bisect_right([row["at"] for row in rows], at)
        return rows[max(i, 1) - 1]

    def seeded(self, row):
        """Was what this process executes started before the collector?"""
        key = row["pid"], row["start"]
        if row.get("static") or row["at"] < self.ready:
            return True
        if row["before"] < self.ready:
            older = self.state(key, self.ready)
        else:
            parent = tuple(row["by"])
            older = self.state(parent, row["after"])
            if not self.seeded(older):
                return False
        return all(older[name] == row[name]
                   for name in ("exe", "argv", "asked"))

    def parent(self, row):
        """Who it was born from, as far as a collector that started at
        self.ready can know: for older processes, their parent then."""
        if row["by"] and row["before"] > self.ready:
            return tuple(row["by"])
        row = self.state((row["pid"], row["start"]), self.ready)
        for key in reversed(self.latest.get(row["ppid"], [])):
            if key[1] <= row["start"]:
                return key
        return None

    def line(self, conn):
        """Rows of the caller and its ancestors, nearest first, each as it
        was at the time of the connection; and which of them had exited."""
        key = conn["pid"], conn["start"]
        rows, gone = [], []
        while key:
            row = self.state(key, conn["at"])
            rows.append(row)
            gone.append(self.exits.get(key, conn["at"] + 1) <= conn["at"])
            key = self.parent(row)
        return rows, gone
