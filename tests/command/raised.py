#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""raised.py [NAME=VALUE...]: writes a raised CONNECT as the collector does, of
now, or as the words say: pid= of a process that is there, start= (ns since
boot) and boot= to lie about it, age= in seconds, n= of them, severity=,
msgid=, collector= its pid; any other is a parameter of event@.
"""
import datetime
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
from messages import element, stamp  # noqa: E402

TICK = 1000000000 // os.sysconf("SC_CLK_TCK")


def start_of(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as stat:
        return int(stat.read().rpartition(")")[2].split()[19]) * TICK + 4321


def boot_id():
    with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as boot:
        return boot.read().replace("-", "")[:16]


def line(number, word):
    pid = int(word.pop("pid", 0)) or os.getpid()
    start = word.pop("start", None) or start_of(pid)
    boot = word.pop("boot", None) or boot_id()
    severity = int(word.pop("severity", 4))
    when = (datetime.datetime.now(datetime.timezone.utc)
            - datetime.timedelta(seconds=float(word.pop("age", 0))))
    head = (f"<{80 + severity}>1 {stamp(when)} web-7 pidtreed "
            f"{word.pop('collector', 4194000)} {word.pop('msgid', 'CONNECT')} ")
    event = {"act": "connect", "outcome": "established", "proto": "TCP",
             "src": "10.0.3.17", "spt": 51514, "dst": "203.0.113.4",
             "dpt": 443, "spid": pid, "sproc": "curl", "suid": 1000,
             "suser": "alice", "exe": "/usr/bin/curl",
             "cmd": "curl -s 'a b'", "rule": "a rule", "tags": "one,two",
             "decision": "raise", "pkey": f"{pid}:{start}",
             "externalId": f"{boot}-0-{os.getpid():x}{number:x}"}
    event.update(word)
    ancestry = element("ancestry@32473", depth=2,
                       chain=f"curl({pid})<systemd(1)", spid1=1,
                       sproc1="systemd", suid1=0)
    return (head + element("meta", sequenceId=number + 1, sysUpTime=1)
            + element("host@32473", id="i-0abc12def34567890", boot=boot[:8])
            + element("event@32473", **event) + ancestry
            + f" web-7 alice: curl({pid}) -> {event['dst']}:443/tcp "
            "established; curl<systemd")


def main():
    word = dict(w.split("=", 1) for w in sys.argv[1:])
    for number in range(int(word.pop("n", 1))):
        print(line(number, dict(word)))


main()
