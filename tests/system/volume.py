#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""As many connections as the machine can make, rsyslogd writing the file: a
line for each, none lost, every sequenceId present; then the same, smaller,
while every name look-up hangs for 30 s.

    volume.py [--connections N] [--processes N]"""
import argparse
import collections
import os
import re
import subprocess
import sys
import time

import lab
import rfc5424_strict as strict
import syslogd

FIRST, LAST = 2000, 3249        # server's ports; times 254 addresses


class Report:
    def __init__(self, prefix):
        self.failed = 0
        self.prefix = prefix

    def result(self, name, why):
        self.failed += bool(why)
        print(f"{'FAIL' if why else 'PASS'}: {self.prefix}/{name}"
              f"{': ' + str(why) if why else ''}", flush=True)


def flood(network, processes, each, uid=0):
    """Connections made, and the seconds it took."""
    words = [lab.program("tests/system/flood"), "-", str(processes),
             str(each), str(FIRST), str(LAST)]
    if uid:
        words = ["setpriv", f"--reuid={uid}", "--clear-groups", *words]
    done = subprocess.run(["ip", "netns", "exec", network.client, *words],
                          stdout=subprocess.PIPE, check=True, timeout=300)
    made, ns = map(int, done.stdout.split())
    return made, ns / 1e9


def await_lines(rsyslogd, count, patience):
    """Until the file has as many CONNECT lines, or no longer grows."""
    last, quiet, have, at = -1, 0, 0, 0
    while quiet < patience * 2:
        time.sleep(0.5)
        size = rsyslogd.log.stat().st_size if rsyslogd.log.exists() else 0
        if size > at:
            with open(rsyslogd.log, "rb") as stream:
                stream.seek(at)
                data = stream.read(size - at)
            end = data.rfind(b"\n") + 1
            have += data[:end].count(b" CONNECT [")
            at += end
        quiet = quiet + 1 if have == last else 0
        last = have
        if have >= count:
            break


NUMBER = re.compile(rb'^<\d+>1 \S+ \S+ \S+ (\d+) (\w+) '
                    rb'\[meta sequenceId="(\d+)"')
TUPLE = re.compile(rb' dst="([^"]*)" dpt="(\d+)"')
IDENT = re.compile(rb' externalId="([^"]*)"')


def check(report, lines, made, netns):
    """The series, the tuples, the ids, the losses that it admits."""
    here = b' netns="%d"' % netns
    numbers, tuples, idents = [], collections.Counter(), set()
    wrong, lost = 0, []
    for count, line in enumerate(lines):
        found = NUMBER.match(line)
        if not found or count % 50 == 0:
            try:
                strict.check(line)
            except strict.Bad as error:
                wrong += 1
                print(f"# {error}: {line[:300]!r}")
                continue
        numbers.append(int(found[3]))
        if found[2] == b"CONNECT" and here in line:
            tuples[TUPLE.search(line).groups()] += 1
            idents.add(IDENT.search(line)[1])
        elif found[2] == b"LOST":
            lost.append(line)
    report.result("valid", f"{wrong} lines are not" if wrong else None)
    report.result("every-connection", None if len(tuples) == made and
                  sum(tuples.values()) == made else
                  f"{sum(tuples.values())} lines, {len(tuples)} different, "
                  f"of {made}")
    report.result("externalId", None if len(idents) == made else
                  f"{len(idents)} different ids of {made}")
    whole = list(range(1, len(numbers) + 1))
    report.result("sequenceId", None if sorted(numbers) == whole else
                  f"{len(numbers)} numbers up to {max(numbers)}")
    report.result("no-loss", f"{lost[0][:600]!r}" if lost else None)


def cpu(process):
    """CPU seconds that it has used, user and system."""
    with open(f"/proc/{process.pid}/stat", encoding="ascii") as stream:
        fields = stream.read().rsplit(")", 1)[1].split()
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")


def volume(report, connections, processes, uid=0, wrap=None):
    """wrap: turns the collector's words into others."""
    with lab.Undo() as undo:
        directory = lab.Directory(undo)
        lab.PORTS = FIRST, LAST
        network = lab.Network(undo)
        # as Nice= in a drop-in of rsyslog.service does: it has the priority
        # that the collector gives itself, or the buffers fill and what does
        # not fit is counted
        rsyslogd = syslogd.Rsyslogd(undo, directory, parse=False, nice=-19)
        rsyslogd.start()
        collector = lab.Collector(undo, directory,
                                  f"log:\n  socket: {rsyslogd.socket}\n"
                                  "  target: socket\n")
        if wrap:
            plain = collector.words()
            collector.words = lambda: wrap(directory, plain)
        collector.start()
        made, took = flood(network, processes, connections // processes, uid)
        print(f"# {made} connections in {took:.1f} s, "
              f"{made / took:.0f} a second; {os.cpu_count()} CPUs")
        begun = time.monotonic()
        await_lines(rsyslogd, made, 8)
        print(f"# all written {time.monotonic() - begun:.1f} s later; CPU "
              f"seconds: collector {cpu(collector.process):.1f}, rsyslogd "
              f"{cpu(rsyslogd.process):.1f}")
        status = collector.stop()
        report.result("stop", f"exit {status}" if status else None)
        time.sleep(1)
        lines = rsyslogd.lines()
        check(report, lines, made, os.stat(network.path).st_ino)
        print(collector.trouble(), end="")
        return lines


def hang_names(directory, words):
    """The collector in a mount namespace whose name service hangs."""
    switch = directory / "nsswitch.conf"
    switch.write_text("passwd: files slow\ngroup: files\n")
    library = lab.program("tests/system/libnss_slow.so.2")
    return ["unshare", "-m", "sh", "-c",
            f"mount --bind {switch} /etc/nsswitch.conf && "
            f"LD_LIBRARY_PATH={os.path.dirname(library)} exec \"$@\"",
            "sh", *words]


def hanging(connections):
    """Nobody knows user 54321, and it takes 30 s to say so."""
    report = Report("names-hang")
    lines = volume(report, connections, 2, 54321, hang_names)
    named = [line for line in lines if b' suid="54321"' in line and
             b' suser="' in line.split(b"][ancestry@")[0]]
    report.result("number-alone", f"{named[0]!r}" if named else None)
    return report.failed


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--connections", type=int, default=300_000)
    parser.add_argument("--processes", type=int,
                        default=2 * os.cpu_count())
    parser.add_argument("--hanging", type=int, default=2_000)
    options = parser.parse_args()
    lab.need_root_and_btf()
    report = Report("volume")
    if options.connections:
        volume(report, options.connections, options.processes)
    failed = hanging(options.hanging)
    return 1 if report.failed or failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except lab.Skip as reason:
        print(f"SKIP: volume: {reason}")
        sys.exit(77)
