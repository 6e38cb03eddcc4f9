#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Names beside the numbers: of addresses, from files like /etc/hosts that are
read again when they change; of containers, from what their runtimes and the
kubelet keep on disk; uids inside user namespaces."""
import json
import os
import pathlib
import re
import signal
import subprocess
import sys

import generate
import lab
import rfc5424_strict

# Refused at once: nobody listens there.
CLIENT = """
import socket, sys
with socket.socket() as s:
    s.settimeout(5)
    s.bind((sys.argv[3], 0))
    sys.exit(s.connect_ex((sys.argv[1], int(sys.argv[2]))) != 111)
"""
DST = "198.51.100.7"


class Test:
    """A namespace whose destinations are its own, and a collector."""

    def __init__(self, undo, more):
        self.space = f"pidtree-{os.getpid()}-c"
        self.port = 2000
        lab.Network.sweep()
        undo.callback(subprocess.run, ["ip", "netns", "del", self.space],
                      check=False, stderr=subprocess.DEVNULL)
        lab.run("ip", "netns", "add", self.space)
        self.netns = os.stat(f"/run/netns/{self.space}").st_ino
        lab.run("ip", "-n", self.space, "link", "set", "lo", "up")
        lab.run("ip", "-n", self.space, "route", "add", "local",
                f"{lab.LIVE4}.0/24", "dev", "lo")
        lab.run("ip", "-n", self.space, "address", "add", lab.CLIENT4,
                "dev", "lo")
        self.directory = lab.Directory(undo)
        self.collector = lab.Collector(undo, self.directory,
                                       more.format(dir=self.directory.path))
        self.collector.log.touch()

    def messages(self, *msgids):
        parsed = [rfc5424_strict.parse(line)
                  for line in self.collector.lines()]
        return [m for m in parsed if m.msgid in msgids]

    def event(self, port):
        """What was logged of the one connection to this port; or None."""
        for message in self.messages(b"CONNECT"):
            event = message.element(b"event")
            if int(event[b"dpt"]) == port and \
                    int(event.get(b"netns", 0)) == self.netns:
                return {name.decode(): value.decode()
                        for name, value in event.items()}
        return None

    def connect(self, before=(), inside=()):
        """Makes a connection to a port of its own; the port.  before, and in
        the namespace inside: commands that run the client."""
        self.port += 1
        lab.run(*before, "ip", "netns", "exec", self.space, *inside,
                sys.executable, "-c", CLIENT, DST, str(self.port), lab.CLIENT4)
        return self.port

    def logged(self, before=(), inside=()):
        port = self.connect(before, inside)
        if not lab.until(lambda: self.event(port), 20):
            raise RuntimeError("a connection was not logged\n" +
                               self.collector.trouble())
        return self.event(port)

    def reload(self, text):
        before = len(self.messages(b"RELOAD"))
        self.collector.conf.write_text(text)
        self.collector.process.send_signal(signal.SIGHUP)
        if not lab.until(lambda: len(self.messages(b"RELOAD")) > before, 20):
            raise RuntimeError("no RELOAD: " + self.collector.trouble())


def report(name, wrong):
    for line in wrong[:20]:
        print(f"# {name}: {line}")
    print(f"{'FAIL' if wrong else 'PASS'}: who/{name}", flush=True)
    return bool(wrong)


def differ(event, **want):
    return [f"{name}: expected {value!r}, seen {event.get(name)!r}"
            for name, value in want.items() if event.get(name) != value]


def hosts():
    with lab.Undo() as undo:
        test = Test(undo, "hosts-files: [{dir}/hosts, {dir}/more]\n")
        hosts, more = test.directory / "hosts", test.directory / "more"
        hosts.write_text(f"# ours\n{DST} seven.example seven\n"
                         "nonsense\n")
        test.collector.start()
        wrong = differ(test.logged(), dst=DST, dhost="seven.example",
                       dhostsource="hosts", shost=None)
        more.write_text(f"{lab.CLIENT4} client.example\n{DST} no.example\n")
        pathlib.Path(f"{hosts}.new").write_text(f"{DST} other.example\n")
        os.rename(f"{hosts}.new", hosts)
        # it looks every two seconds
        if not lab.until(lambda: test.logged().get("dhost") ==
                         "other.example", 60):
            wrong.append("a changed file is not read")
        text = test.collector.conf.read_text()
        test.reload(text.replace(f"{hosts}, ", ""))
        wrong += differ(test.logged(), dhost="no.example",
                        shost="client.example")
        test.reload(text.replace("hosts-files:", "# "))
        wrong += differ(test.logged(), dhost=None, dhostsource=None)
        said = test.collector.trouble()
        if said.count(f'{hosts}:3: "nonsense" is not an address') != 1:
            wrong.append(f"of the bad line it said {said!r}")
        if test.collector.stop():
            wrong.append(f"exit status: {said}")
        return wrong


ID = 32 * "a1"
UID = "8f3c1e62-5a0d-4c1b-9d0e-27a1b6c4d5e6"
BOXES = {
    f"/docker-{ID}.scope": {
        "runtime": "docker", "container": ID, "containerName": "web",
        "image": "nginx:1.25", "pod": None},
    f"/kubepods/besteffort/pod{UID}/{ID[:-1]}2": {
        "runtime": "containerd", "container": ID[:-1] + "2",
        "containerName": "app", "image": "ghcr.io/a/b:v1", "pod": "web-5d9c",
        "podUid": UID, "namespace": "prod"},
    f"/kubepods/besteffort/pod{UID}/{ID[:-1]}3": {
        "runtime": "kubernetes", "container": ID[:-1] + "3",
        "containerName": "my-app", "image": None, "pod": "web-1",
        "podUid": UID, "namespace": "prod"},
    f"/machine.slice/libpod-{ID}.scope/container": {
        "runtime": "podman", "container": ID, "containerName": "cache",
        "image": "docker.io/library/redis:7"},
    "/machine.slice/machine-build\\x2d7.scope/payload": {
        "runtime": "systemd-nspawn", "container": "build-7",
        "containerName": "build-7", "image": None},
    # of a user's own runtime: named like another, but not looked up
    f"/user.slice/docker-{ID}.scope": {
        "runtime": "docker", "container": ID, "containerName": None},
    f"/machine.slice/libpod-conmon-{ID}.scope": {
        "runtime": None, "container": None, "containerName": None},
}


def put(path, value):
    """As the runtimes have it: nobody but root may come near it."""
    path.parent.mkdir(0o700, parents=True, exist_ok=True)
    path.write_text(value if isinstance(value, str) else json.dumps(value))
    path.chmod(0o600)


def lay_out(root):
    put(root / f"var/lib/docker/containers/{ID}/config.v2.json",
        {"ID": ID, "Name": "/web", "Config": {
            "Image": "nginx:1.25",
            "Labels": {"io.kubernetes.pod.name": "forged"}}})
    put(root / "run/containerd/io.containerd.runtime.v2.task/k8s.io" /
        f"{ID[:-1]}2/config.json",
        {"annotations": {
            "io.kubernetes.cri.container-name": "app",
            "io.kubernetes.cri.image-name": "ghcr.io/a/b:v1",
            "io.kubernetes.cri.sandbox-name": "web-5d9c",
            "io.kubernetes.cri.sandbox-namespace": "prod"}})
    put(root / "var/log/containers" /
        f"web-1_prod_my-app-{ID[:-1]}3.log", "")
    put(root / "var/lib/containers/storage/overlay-containers/"
        "containers.json",
        [{"id": ID, "names": ["cache"], "metadata": json.dumps(
            {"image-name": "docker.io/library/redis:7"})}])
    (root / "var").chmod(0o700)


# Goes into a control group, then on as somebody else.
ENTER = ["sh", "-c", 'echo $$ >"$0/cgroup.procs" && exec "$@"']


def containers():
    with lab.Undo() as undo:
        top = generate.make_cgroups(undo, BOXES)
        if not top:
            raise lab.Skip("cgroup2 is not mounted")
        test = Test(undo, "stats: 1s\n"
                    "container:\n  root: {dir}/root\n")
        lay_out(test.directory / "root")
        test.collector.start()
        wrong = []
        for path, want in BOXES.items():
            # a busy machine may take more than the time of one message
            lab.until(lambda: not differ(  # pylint: disable=cell-var-from-loop
                test.logged([*ENTER, top + path]), **want), 30)
            wrong += [f"{path}: {line}" for line in differ(
                test.logged([*ENTER, top + path]), **want)]
        # what a container makes below its own does not hide it
        deep = f"/docker-{ID}.scope" + 3 * ("/" + 120 * "x") + 20 * "/y"
        generate.make_cgroups(undo, [deep], top)
        seen = test.logged([*ENTER, top + deep])
        wrong += differ(seen, runtime="docker", container=ID)
        if not re.search(f"/docker-{ID}[.]scope/.*/[.][.][.]$",
                         seen.get("cgroup", "")):
            wrong.append(f"a deep group is {seen.get('cgroup')}")
        wrong += left_out(test, top)
        if test.collector.stop():
            wrong.append(f"exit status: {test.collector.trouble()}")
        return wrong


def left_out(test, top):
    """container.exclude and include: what is left out is counted, and the
    log says that it has not everything."""
    docker, pod, *_ = [top + path for path in BOXES]
    text = test.collector.conf.read_text()
    test.reload(text.replace("container:\n", 'container:\n  exclude: '
                             '["name=web image=nginx:*", pod=no-*]\n'))
    out = [test.connect([*ENTER, docker]) for _ in range(3)]
    wrong = differ(test.logged([*ENTER, pod]), containerName="app")
    test.logged()
    filters = test.messages(b"RELOAD")[-1].element(b"event")[b"filter"]
    if not filters.endswith(b"; containers exclude name=web image=nginx:* | "
                            b"pod=no-*"):
        wrong.append(f"the filter in the log is {filters.decode()}")
    test.reload(text.replace("container:\n", "container:\n  include: "
                             "[namespace=prod]\n"))
    out += [test.connect([*ENTER, docker]), test.connect()]
    wrong += differ(test.logged([*ENTER, pod]), containerName="app")
    wrong += [f"port {port} was logged" for port in out if test.event(port)]
    if not lab.until(lambda: test.messages(b"STATS")[-1:] and int(
            test.messages(b"STATS")[-1].element(b"event")
            [b"container_skipped"]) >= 5, 30):
        wrong.append("what was left out was not counted")
    return wrong


# Says its namespace, then becomes the client in it.
INSIDE = ["sh", "-c", 'readlink /proc/self/ns/user >"$0" && exec "$@"']


# A user who makes a namespace of his own, without another program.
USER = """
import ctypes, os, socket, sys
libc = ctypes.CDLL(None)
os.setresuid(1000, 1000, 1000)
libc.prctl(4, 1)
if libc.unshare(0x10000000):
    sys.exit("unshare")
with open("/proc/self/uid_map", "w") as out:
    out.write("5 1000 1")
del sys.argv[1:4]
"""


def users():
    with lab.Undo() as undo:
        test = Test(undo, "")
        said = test.directory / "said"
        test.collector.start()
        if subprocess.run(["unshare", "-U", "-r", "true"], check=False,
                          stderr=subprocess.DEVNULL).returncode:
            raise lab.Skip("no user namespaces")
        wrong = differ(test.logged(), suid="0", userns=None, nsuid=None)
        for name, words, want in (
                ("root as 1234", ["unshare", "-U", "--map-user=1234"],
                 {"suid": "0", "nsuid": "1234"}),
                ("in a second one", ["unshare", "-U", "-r", "unshare", "-U",
                                     "--map-user=7"],
                 {"suid": "0", "nsuid": "7"}),
                ("nobody there", ["unshare", "-U"],
                 {"suid": "0", "nsuid": None})):
            said.write_text("")
            said.chmod(0o666)
            seen = test.logged(inside=[*words, *INSIDE, str(said)])
            want["userns"] = said.read_text().strip()[6:-1]
            wrong += [f"{name}: {line}" for line in differ(seen, **want)]
        # -c CLIENT follows, as an argument that is not looked at
        seen = test.logged(inside=[sys.executable, "-c", USER + CLIENT])
        wrong += [f"1000 as 5: {line}" for line in differ(
            seen, suid="1000", nsuid="5")]
        if test.collector.stop():
            wrong.append(f"exit status: {test.collector.trouble()}")
        return wrong


def main():
    lab.need_root_and_btf()
    failed = report("hosts", hosts())
    failed |= report("containers", containers())
    failed |= report("users", users())
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except lab.Skip as reason:
        print(f"SKIP: who: {reason}")
        sys.exit(77)
