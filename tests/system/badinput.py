#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Bad input and bad places: one clear line each, the exit status that
pidtreed(8) names, and nothing left behind."""
import os
import re
import shutil
import subprocess
import sys
import time

import lab
import leftovers

# name, configuration, what the line says after FILE:LINE:COLUMN
CONFIGURATIONS = [
    ("unknown-key", "conect:\n  ports: []\n", r":1:1: .*conect.*connect"),
    ("unknown-key-inside", "connect:\n  exclud: []\n",
     r":2:3: .*exclud.*exclude"),
    ("key-twice", "facility: local0\nfacility: local1\n",
     r":2:1: .*facility.*(twice|already|again)"),
    ("key-twice-inside", "connect:\n  ports: []\n  ports: []\n",
     r":3:3: .*ports.*(twice|already|again)"),
    ("cidr-malformed", "connect:\n  exclude: [198.51.100/24x]\n",
     r":2:13: .*198\.51\.100/24x"),
    ("cidr-too-long", "connect:\n  exclude+: [198.51.100.0/33]\n",
     r":2:14: .*198\.51\.100\.0/33"),
    ("cidr-host-bits", "connect:\n  include: [198.51.100.1/24]\n",
     r":2:13: .*198\.51\.100\.(1|0)/24"),
    ("cidr6-too-long", 'connect:\n  include: ["2001:db8::/129"]\n',
     r":2:13: .*2001:db8::/129"),
    ("cidr-twice", "connect:\n  exclude: [198.51.100.0/24, "
     "198.51.100.0/24]\n", r":2:30: .*198\.51\.100\.0/24"),
    ("port-70000", "connect:\n  ports: [70000]\n", r":2:11: .*70000"),
    ("port-range", 'connect:\n  include: ["198.51.100.0/24 only 9-3"]\n',
     r":2:13: .*9-3"),
    ("facility", "facility: kitchen\n", r":1:11: .*kitchen"),
    ("not-yaml", 'facility: "local0\n', r":[12]:[0-9]+: .+"),
    ("not-a-mapping", "- connect\n", r":1:1: .+"),
    ("tab", "connect:\n\tports: []\n", r":2:[0-9]+: .+"),
    ("pattern", 'redact+: ["(unclosed"]\n', r":1:11: .*unclosed"),
]


class Report:
    def __init__(self):
        self.failed = 0

    def result(self, name, why):
        if why:
            self.failed += 1
            print(f"FAIL: badinput/{name}: {why}")
        else:
            print(f"PASS: badinput/{name}")


def judge(words, status, pattern, lines=1):
    """Runs it; why it is not as it should be, or None."""
    try:
        done = subprocess.run(words, stdout=subprocess.PIPE, timeout=20,
                              stderr=subprocess.PIPE, check=False,
                              stdin=subprocess.DEVNULL, cwd="/")
    except subprocess.TimeoutExpired:
        return "did not end within 20 s"
    text = done.stderr.decode(errors="replace")
    if done.returncode != status:
        return f"exit {done.returncode}, expected {status}: {text!r}"
    if done.stdout:
        return f"wrote to standard output: {done.stdout[:200]!r}"
    if text.count("\n") != lines or not text.endswith("\n"):
        return f"not one line: {text!r}"
    if not re.search(pattern, text, re.IGNORECASE):
        return f"{text!r} does not match {pattern!r}"
    return None


def configurations(report, directory, base):
    for name, text, pattern in CONFIGURATIONS:
        path = directory / f"{name}.yaml"
        path.write_text(text)
        where = re.escape(str(path))
        for mode in ([], ["--check"], ["--dump-config"]):
            why = judge(base + ["-c", str(path)] + mode, 2, where + pattern)
            report.result(f"{name}{''.join(mode)}", why)


def files(report, directory, base):
    gone = directory / "there-is-none.yaml"
    report.result("no-file", judge(
        base + ["-c", str(gone)], 2, re.escape(str(gone)) + ".*no such file"))
    report.result("directory", judge(
        base + ["-c", str(directory.path)], 2, re.escape(
            str(directory.path)) + ".*directory"))
    more = directory / "conf.d"
    more.mkdir()
    (more / "10-bad.yaml").write_text("facilty: user\n")
    (directory / "main.yaml").write_text("")
    report.result("conf.d", judge(
        base + ["-c", str(directory / "main.yaml")], 2,
        r"10-bad\.yaml:1:1: .*facilty.*facility"))
    (more / "10-bad.yaml").unlink()


def unreadable(report, directory, base):
    path = directory / "secret.yaml"
    path.write_text("")
    path.chmod(0)
    report.result("unreadable", judge(
        ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] +
        base + ["-c", str(path)], 2,
        re.escape(str(path)) + ".*permission denied"))


def usage(report, base):
    for name, words in (("unknown-option", ["--nonsense"]),
                        ("argument-missing", ["-c"]),
                        ("argument-too-many", ["nonsense"])):
        done = subprocess.run(base + words, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, check=False, timeout=20)
        good = done.returncode == 2 and not done.stdout and \
            b"pidtreed" in done.stderr
        report.result(name, None if good else
                      f"exit {done.returncode}: {done.stderr!r}")
    for word in ("-h", "--help", "--version"):
        done = subprocess.run(base[:1] + [word], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, check=False, timeout=20)
        good = done.returncode == 0 and not done.stderr and \
            b"pidtreed" in done.stdout
        report.result("asked" + word, None if good else
                      f"exit {done.returncode}: {done.stderr!r}")


def places(report, directory, base):
    """Where no collector can be."""
    conf = directory / "good.yaml"
    conf.write_text("user: nobody\nconnect:\n  exclude: [0.0.0.0/0, \"::/0\"]\n")
    words = base + ["-c", str(conf), "--stdout"]
    report.result("no-btf", judge(
        ["unshare", "-m", "sh", "-c", 'mount -t tmpfs none /sys/kernel/btf '
         '&& exec "$@"', "sh"] + words, 1, "BTF"))
    report.result("no-privilege", judge(
        ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] +
        words, 1, "CAP_BPF|root|privilege|permi(ssion|tted)"))
    report.result("no-capability", judge(
        ["setpriv", "--bounding-set=-bpf,-sys_admin", "--inh-caps=-all"] +
        words, 1, "CAP_BPF|root|privilege|permi(ssion|tted)"))
    report.result("no-cgroup2", judge(
        ["unshare", "-m", "sh", "-c", "awk '$3 == \"cgroup2\" { print $2 }' "
         '/proc/self/mounts | xargs -r -n1 umount && exec "$@"', "sh",
         "setpriv", "--bounding-set=-sys_admin", "--inh-caps=-all"] + words,
        1, "cgroup2"))


def second(report, undo, directory, ours):
    """Two of the same name: the second says so, the first goes on."""
    first = lab.Collector(undo, directory)
    first.start()
    ours |= leftovers.held(first.process.pid)
    report.result("second-instance", judge(
        first.words(), 1, re.escape(first.instance) + ".*|already"))
    time.sleep(0.5)
    report.result("first-goes-on", None if first.process.poll() is None
                  else f"exit {first.process.poll()}: {first.trouble()}")
    first.stop()
    report.result("first-was-heard", None if
                  any(b" STOP " in line for line in first.lines())
                  else "no STOP message")


def hidden_cgroup2(report, undo, directory, ours):
    """A cgroup2 that is not mounted is no hindrance."""
    collector = lab.Collector(undo, directory)
    inner = collector.words()
    collector.words = lambda: [
        "unshare", "-m", "sh", "-c", "awk '$3 == \"cgroup2\" { print $2 }' "
        '/proc/self/mounts | xargs -r -n1 umount && exec "$@"', "sh"] + inner
    try:
        collector.start()
        ours |= leftovers.held(collector.process.pid)
        status = collector.stop()
        report.result("cgroup2-not-mounted", f"exit {status}" if status
                      else None)
    except RuntimeError as error:
        report.result("cgroup2-not-mounted", str(error))


def foreign_pins(report, undo, directory, ours):
    """A directory of our name that somebody else made is not used."""
    collector = lab.Collector(undo, directory)
    pins = f"/sys/fs/bpf/pidtreed-{collector.instance}"
    os.makedirs(pins, 0o700, exist_ok=True)
    undo.callback(shutil.rmtree, pins, ignore_errors=True)
    os.chown(pins, 54321, 54321)
    collector.start()
    ours |= leftovers.held(collector.process.pid)
    collector.stop()
    start = [line for line in collector.lines() if b" START " in line]
    report.result("foreign-pins", None if start and not os.listdir(pins) and
                  b'keep="none: ' + pins.encode() in start[0]
                  else f"{os.listdir(pins)} {start!r}")


def main():
    report = Report()
    with lab.Undo() as undo:
        lab.need_root_and_btf()
        directory = lab.Directory(undo)
        instance = f"t{os.getpid()}"
        base = [lab.program("src/pidtreed"), "--instance", instance]
        ours = set()
        configurations(report, directory, base)
        files(report, directory, base)
        unreadable(report, directory, base)
        usage(report, base)
        places(report, directory, base)
        second(report, undo, lab.Directory(undo), ours)
        hidden_cgroup2(report, undo, lab.Directory(undo), ours)
        foreign_pins(report, undo, lab.Directory(undo), ours)
        left = leftovers.left(ours, instance)
        report.result("nothing-left", "; ".join(left) or
                      (None if ours else "nothing was there"))
    return 1 if report.failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except lab.Skip as reason:
        print(f"SKIP: badinput: {reason}")
        sys.exit(77)
