#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""From a rule to what is done: a real collector raises connections, a real
rsyslogd hands them to `pidtree act`, in the rulesets that are shipped.  The
command gets the right event, the process is killed only where that was
chosen, and what an action itself connects to starts no other."""
import json
import os
import subprocess
import sys
import time

import lab
import syslogd

RAISED, OTHER, LOOP = 1001, 1002, 1003
RULES = f"""- name: what must not be
  where: dpt in ({RAISED}, {LOOP})
  action: raise
  tags: [one, two]
- name: what is looked at
  where: dpt = {OTHER}
  tags: [three]
"""
# Connects, says so, and stays.
CALLER = """import socket, sys, time
s = socket.create_connection((sys.argv[1], int(sys.argv[2])))
print(s.getsockname()[1], flush=True)
time.sleep(1000)
"""
# Keeps the event under its port, and connects by itself, which is raised too.
COMMAND = """#!/bin/sh
cat >"{base}/part.$$"
mv "{base}/part.$$" "{base}/ran.$PIDTREE_DPT.$$"
[ "$PIDTREE_DPT" -ne {loop} ] ||
    timeout 20 ip netns exec {netns} {python} -c '{connect}'
"""
CONNECT = f'import socket; socket.create_connection(("{lab.LIVE4}.9", {LOOP}))'


def report(name, why):
    print(f"{'FAIL' if why else 'PASS'}: act/{name}"
          f"{': ' + why if why else ''}", flush=True)
    return bool(why)


class Caller:
    """A process in the network namespace that has connected."""

    def __init__(self, undo, network, port):
        words = ["ip", "netns", "exec", network.client, sys.executable, "-c",
                 CALLER, f"{lab.LIVE4}.7", str(port)]
        self.begun = time.monotonic()
        self.process = subprocess.Popen(words, stdout=subprocess.PIPE)
        undo.callback(lab.stop, self.process)
        self.spt = int(self.process.stdout.readline())

    def ended(self):
        return self.process.poll() is not None


class Scene:
    """Collector, rsyslogd and the actions that are called."""

    def __init__(self, undo):
        self.directory = lab.Directory(undo)
        self.network = lab.Network(undo)
        self.base = self.directory.path
        self.said = self.base / "var/log/pidtreed-act.log"
        self.said.parent.mkdir(parents=True)
        (self.base / "rules.d").mkdir()
        (self.base / "rules.d/rules.yaml").write_text(RULES)
        self.rsyslogd = syslogd.Rsyslogd(undo, self.directory, parse=False)
        self.examples()
        self.collector = lab.Collector(
            undo, self.directory,
            f"log: {{target: socket, socket: {self.rsyslogd.socket}}}\n")

    def examples(self):
        """What is shipped, with the paths of the test."""
        shipped = syslogd.SHIPPED.parent
        text = (shipped / "actions.conf.in").read_text()
        for old, new in (("@bindir@", lab.program("src/pidtree")[:-8]),
                         ("@localstatedir@", self.base / "var"),
                         ("/usr/local/sbin", self.base)):
            text = text.replace(old, str(new))
        (self.rsyslogd.base / "forward.d/act.conf").write_text(text)
        self.calls = (shipped / "actions-call.conf.in").read_text()
        command = self.base / "on-raised"
        command.write_text(COMMAND.format(
            base=self.base, loop=LOOP, netns=self.network.client,
            python=sys.executable, connect=CONNECT))
        command.chmod(0o755)

    def call(self, *names):
        text = self.calls
        for name in names:
            text = text.replace(f"#call pidtreed_act_{name}\n",
                                f"call pidtreed_act_{name}\n")
        (self.rsyslogd.base / "actions.d/call.conf").write_text(text)
        self.rsyslogd.stop()
        self.rsyslogd.start()

    def ran(self, port):
        return sorted(self.base.glob(f"ran.{port}.*"))

    def says(self, text):
        return self.said.exists() and text in self.said.read_text()

    def logged(self, port):
        word = f' dpt="{port}"'.encode()
        return [line for line in self.rsyslogd.lines()
                if b" CONNECT [" in line and word in line]


def right_event(event, caller):
    want = {"spid": caller.process.pid, "spt": caller.spt, "dpt": RAISED,
            "dst": f"{lab.LIVE4}.7", "outcome": "established",
            "exe": os.path.realpath(sys.executable), "decision": "raise",
            "rule": "what must not be", "tags": "one,two"}
    for name, value in want.items():
        if event["event"].get(name) != value:
            return f"{name} is {event['event'].get(name)}, not {value}"
    if event["ancestry"]["ancestors"][0]["spid"] != os.getpid():
        return f"its parent is {event['ancestry']['ancestors'][0]}"
    return None


def command(undo, scene):
    """The right event, and nothing else; the process is as it was."""
    scene.call("run")
    other = Caller(undo, scene.network, OTHER)
    caller = Caller(undo, scene.network, RAISED)
    if not lab.until(lambda: scene.ran(RAISED), 20):
        return "the command was not run"
    print(f"# after {time.monotonic() - caller.begun:.2f} s, its start "
          "included")
    why = right_event(json.loads(scene.ran(RAISED)[0].read_text()), caller)
    if why:
        return why
    if not lab.until(lambda: scene.says(
            f"process {caller.process.pid} would stop or kill"), 20):
        return "it was not said what could be done"
    if not lab.until(lambda: scene.logged(OTHER), 20):
        return "the other connection is not in the log"
    time.sleep(0.5)
    if scene.ran(OTHER) or len(scene.ran(RAISED)) != 1:
        return "it was run once too often"
    if caller.ended() or other.ended():
        return "a process was ended"
    return None


def own(_, scene):
    """What an action connects to is raised, but no reason for another."""
    lab.run("ip", "netns", "exec", scene.network.client, sys.executable,
            "-c", CONNECT)
    if not lab.until(lambda: len(scene.logged(LOOP)) > 1, 20):
        return "the action's connection is not in the log"
    if b' decision="raise"' not in scene.logged(LOOP)[-1]:
        return "it was not raised"
    time.sleep(1)
    if len(scene.ran(LOOP)) != 1 or len(scene.logged(LOOP)) != 2:
        return f"it was run {len(scene.ran(LOOP))} times"
    return None


def kill(undo, scene):
    """The process, and no other; in the log whatever became of it."""
    scene.call("kill")
    other = Caller(undo, scene.network, OTHER)
    caller = Caller(undo, scene.network, RAISED)
    if not lab.until(caller.ended, 20):
        return "the process was not killed"
    if caller.process.returncode != -9:
        return f"it ended by {caller.process.returncode}"
    if not lab.until(lambda: scene.says(
            f"process {caller.process.pid} killed"), 20):
        return "it was not said"
    if not lab.until(lambda: len(scene.logged(RAISED)) == 2, 20):
        return "it is not in the log"
    time.sleep(0.5)
    return "another process was ended" if other.ended() else None


def main():
    lab.need_root_and_btf()
    failed = False
    with lab.Undo() as undo:
        scene = Scene(undo)
        scene.call()
        scene.collector.start()
        for case in (command, own, kill):
            failed |= report(case.__name__, case(undo, scene))
        if failed and scene.said.exists():
            print(scene.said.read_text()[-4000:], scene.rsyslogd.trouble(),
                  scene.collector.trouble())
    sys.exit(failed)


try:
    main()
except lab.Skip as skip:
    print(f"SKIP: act: {skip}")
    sys.exit(77)
