# SPDX-License-Identifier: BSD-2-Clause
"""The records that a collector keeps in the kernel, read with bpftool, and
what /proc says they must be."""
import collections
import json
import os
import subprocess
import time

import facts as facts_
import leftovers

EXITED, PARENT_REF = 1 << 0, 1 << 1     # enum proc_flag in src/wire_process.h
ATTEMPT_REF = 1 << 5                    # enum attempt_flag


def bpftool(*words):
    done = subprocess.run(["bpftool", "-j", *words], stdout=subprocess.PIPE,
                          check=True, timeout=120)
    return json.loads(done.stdout)


def maps(pid):
    """name -> id of the maps that the process holds."""
    ours = leftovers.held(pid)
    return {row["name"]: row["id"] for row in bpftool("map", "show")
            if ("map", row["id"]) in ours}


def dump(ident):
    """(key, value) of every element, as BTF formats them."""
    rows = bpftool("map", "dump", "id", str(ident))
    return [(row["formatted"]["key"], row["formatted"]["value"])
            for row in rows if "formatted" in row]


def key_of(key):
    return key["tgid"], key["start"]


def counters(pid):
    """name -> sum over the CPUs."""
    names = counter_names()
    rows = bpftool("map", "dump", "id", str(maps(pid)["counters"]))
    sums = collections.Counter()
    for cpu in rows[0]["formatted"]["values"]:
        for name, n in zip(names, cpu["value"]["n"], strict=True):
            sums[name] += n
    return sums


def counter_names():
    import re
    import lab
    text = (lab.HERE / "../../src/counter.h").read_text()
    return re.findall(r"\tX\((\w+),", text)


def processes():
    """(pid, start in ticks) of all that are no zombies."""
    found = set()
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/stat", "rb") as stream:
                data = stream.read()
        except OSError:
            continue
        fields = data[data.rindex(b")") + 2:].split()
        if fields[0] not in (b"Z", b"X") or threads(name):
            found.add((int(name), int(fields[19])))
    return found


def threads(name):
    """A leader that is a zombie while others of its group live."""
    try:
        return len(os.listdir(f"/proc/{name}/task")) > 1
    except OSError:
        return False


class Records:
    """One reading of procs and attempts."""

    def __init__(self, ids):
        self.procs = {key_of(key): value for key, value in dump(ids["procs"])}
        self.attempts = [value for name in ("attempts", "attempts_more")
                         for _, value in dump(ids[name])]
        self.images = {key: value for key, value in dump(ids["images"])}
        self.control = dump(ids["control"])[0][1]

    def wrong(self):
        """key -> what is wrong with its record."""
        wrong = {}
        alive = processes()
        ticks = {(pid, start // facts_.TICK) for (pid, start), value
                 in self.procs.items() if not value["flags"] & EXITED}
        for missing in alive - ticks:
            wrong[missing] = "lives, and has no record"
        for gone in ticks - alive:
            wrong[gone] = "has a record, and does not live"
        wanted = collections.Counter()
        for key, value in self.procs.items():
            if not value["flags"] & EXITED:
                wanted[key] += 1
            if value["flags"] & PARENT_REF:
                wanted[key_of(value["parent"])] += 1
        for value in self.attempts:
            if value["flags"] & ATTEMPT_REF:
                wanted[key_of(value["key"])] += 1
        for key, value in self.procs.items():
            if value["refs"] != wanted[key]:
                wrong[key] = (f"{value['refs']} references, "
                              f"{wanted[key]} are right")
        for key in wanted.keys() - self.procs.keys():
            wrong[key] = "referenced, and has no record"
        wrong.update(self.wrong_images())
        if self.control["procs"] != len(self.procs):
            wrong["control.procs"] = (self.control["procs"],
                                      len(self.procs))
        return wrong

    def wrong_images(self):
        wanted = collections.Counter(value["image"] for value
                                     in self.procs.values())
        del wanted[0]
        wrong = {}
        for ident, value in self.images.items():
            if value["refs"] != wanted[ident]:
                wrong["image", ident] = (f"{value['refs']} references, "
                                         f"{wanted[ident]} are right")
        for ident in wanted.keys() - self.images.keys():
            wrong["image", ident] = "named, and is not there"
        return wrong


def settle(pid, patience=30):
    """What stays wrong in several readings in a row: the machine's other
    processes come and go meanwhile.  (what is wrong, the last reading)."""
    ids = maps(pid)
    until = time.monotonic() + patience
    records = Records(ids)
    stays = records.wrong()
    agreed = 0
    while stays and time.monotonic() < until:
        time.sleep(0.3)
        records = Records(ids)
        now = records.wrong()
        before, stays = stays, {key: why for key, why in now.items()
                                if stays.get(key) == why}
        agreed = agreed + 1 if stays == before else 0
        if agreed == 12:
            break
    return stays, records
