# SPDX-License-Identifier: BSD-2-Clause
"""What a collector has in the kernel, and whether it lets go of it:
programs, maps, links and pins."""
import contextlib
import json
import os
import re
import subprocess
import time

KINDS = ("prog", "map", "link")


def objects(kind):
    """id -> what bpftool says of each."""
    done = subprocess.run(["bpftool", "-j", "-f", kind, "show"], timeout=60,
                          stdout=subprocess.PIPE, check=True,
                          stderr=subprocess.DEVNULL)
    return {row["id"]: row for row in json.loads(done.stdout or b"[]")}


def held(pid):
    """(kind, id) of everything that the process has open."""
    found = set()
    base = f"/proc/{pid}/fdinfo"
    for name in os.listdir(base):
        with contextlib.suppress(FileNotFoundError), \
                open(f"{base}/{name}", encoding="ascii") as stream:
            found |= {(kind, int(ident)) for kind, ident in re.findall(
                r"^(prog|map|link)_id:\s*(\d+)", stream.read(), re.M)}
    return found


def pins(instance):
    """Pins in any bpffs that bear the instance's name.  Their directory may
    stay, empty: where bpffs is root's alone the collector, which is not root
    when it stops, cannot remove it."""
    found = []
    with open("/proc/self/mountinfo", encoding="utf-8") as stream:
        mounts = [line.split()[4] for line in stream if " - bpf " in line]
    for mount in mounts:
        for base, _, files in os.walk(mount):
            found += [os.path.join(base, name) for name in files
                      if instance in os.path.join(base, name)]
    return found


def left(ours, instance, patience=10):
    """What still is of what our collectors held, and their pins; the kernel
    is given some time to let go."""
    until = time.monotonic() + patience
    while True:
        found = pins(instance)
        for kind in KINDS:
            found += [f"{kind} {ident} {row.get('name', '')} "
                      f"{row.get('type', '')}"
                      for ident, row in objects(kind).items()
                      if (kind, ident) in ours]
        if not found or time.monotonic() > until:
            return found
        time.sleep(0.5)
