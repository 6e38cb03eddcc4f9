# SPDX-License-Identifier: BSD-2-Clause
"""What is in the kernel although no process holds it: programs, maps and
links that a collector made and forgot."""
import json
import os
import subprocess
import time

import lab

KINDS = ("prog", "map", "link")


def objects(kind):
    """id -> what bpftool says of each."""
    done = subprocess.run(["bpftool", "-j", "-f", kind, "show"], timeout=60,
                          stdout=subprocess.PIPE, check=True,
                          stderr=subprocess.DEVNULL)
    return {row["id"]: row for row in json.loads(done.stdout or b"[]")}


def snapshot():
    return {kind: set(objects(kind)) for kind in KINDS}


def pins(instance):
    """Files in any bpffs that bear the instance's name."""
    found = []
    with open("/proc/self/mountinfo", encoding="utf-8") as stream:
        mounts = [line.split()[4] for line in stream if " - bpf " in line]
    for mount in mounts:
        for base, directories, files in os.walk(mount):
            found += [os.path.join(base, name) for name in directories + files
                      if instance in os.path.join(base, name)]
    return found


def since(before, instance, patience=10):
    """What came after the snapshot, is held by no process and pinned by no
    other instance; the kernel is given some time to let go."""
    until = time.monotonic() + patience
    while True:
        left = pins(instance)
        for kind in KINDS:
            for ident, row in objects(kind).items():
                other = [path for path in row.get("pinned", [])
                         if instance not in path]
                if ident not in before[kind] and not row.get("pids") and \
                        not other:
                    left.append(f"{kind} {ident} {row.get('name', '')}"
                                f"{row.get('type', '')}")
        if not left or time.monotonic() > until:
            return left
        time.sleep(0.5)


def need():
    """bpftool must know who holds what."""
    if not any("pids" in row for row in objects("prog").values()) and \
            not os.path.exists("/sys/kernel/btf/vmlinux"):
        raise lab.Skip("bpftool does not show processes")
