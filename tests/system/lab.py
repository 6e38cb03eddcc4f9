# SPDX-License-Identifier: BSD-2-Clause
"""Where the system tests happen: two network namespaces, a collector of
their own, files in a directory of their own; all gone at the end.

    client 203.0.113.193, .194, 2001:db8:1::1 ---veth--- server .254, ::fe
The server answers on every address of LIVE and drops, refuses or does not
know the others.  Nothing leaves these namespaces.
"""
import atexit
import contextlib
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import manager

HERE = pathlib.Path(__file__).resolve().parent
BUILD = pathlib.Path(os.environ.get("BUILD", HERE.parent.parent / "build"))
CLIENT4, CLIENT4B = "203.0.113.193", "203.0.113.194"
SERVER4 = "203.0.113.254"
CLIENT6, SERVER6 = "2001:db8:1::1", "2001:db8:1::fe"
LIVE4, LIVE6 = "198.51.100", "2001:db8:5::"
INCLUDE = ["198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32"]
PORTS, PORTS_MPTCP, PORTS_CLOSED = (1000, 1049), (1050, 1069), 2000


class Skip(Exception):
    """The test cannot run here: the reason."""


def run(*words, **more):
    """A command that must work within a minute."""
    done = subprocess.run(words, stdout=subprocess.PIPE, timeout=60,
                          stderr=subprocess.STDOUT, text=True, check=False,
                          **more)
    if done.returncode:
        raise RuntimeError(f"{' '.join(words)}: {done.stdout.strip()}")
    return done.stdout


def until(true, patience):
    """Waits for it; false if it did not come."""
    end = time.monotonic() + patience
    while not true():
        if time.monotonic() > end:
            return False
        time.sleep(0.25)
    return True


def need_root_and_btf():
    if os.geteuid():
        raise Skip("needs root")
    if not os.path.exists("/sys/kernel/btf/vmlinux"):
        raise Skip("the kernel has no BTF")
    for tool in ("ip", "bpftool"):
        if not shutil.which(tool, path=os.environ["PATH"] + ":/usr/sbin"):
            raise Skip(f"needs {tool}")


def program(name):
    """A program of the build tree; PIDTREED names another collector."""
    path = BUILD / name
    if name == "src/pidtreed":
        path = pathlib.Path(os.environ.get("PIDTREED", path))
    if not path.exists():
        raise Skip(f"{path} is not built (make check_PROGRAMS)")
    return str(path)


class Undo(contextlib.ExitStack):
    """What is made is undone, also after SIGTERM and SIGINT."""

    def __init__(self):
        super().__init__()
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
        atexit.register(self.close)


class Directory:
    """A scratch directory that every user may enter."""

    def __init__(self, undo):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="pidtreed-test-"))
        self.path.chmod(0o777)
        if os.environ.get("KEEP"):
            print(f"# kept: {self.path}")
        else:
            undo.callback(shutil.rmtree, self.path, ignore_errors=True)

    def __truediv__(self, name):
        return self.path / name


def stop(process, patience=10):
    """Ends a process that we started."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(patience)


class Network:
    """The two namespaces and the server in one of them."""

    def __init__(self, undo):
        tag = f"pidtree-{os.getpid()}"
        self.client, self.server = f"{tag}-c", f"{tag}-s"
        self.sweep()
        for name in (self.client, self.server):
            undo.callback(subprocess.run, ["ip", "netns", "del", name],
                          check=False, stderr=subprocess.DEVNULL)
            run("ip", "netns", "add", name)
        self.path = f"/run/netns/{self.client}"
        self.wire()
        self.routes()
        self.serve(undo)

    @staticmethod
    def sweep():
        """Those of a test that was killed."""
        for name in run("ip", "netns", "list").split():
            old = re.fullmatch(r"pidtree-(\d+)-[cs]", name)
            if old and not os.path.exists(f"/proc/{old[1]}"):
                run("ip", "netns", "del", name)

    def on_client(self, text):
        run("ip", "-n", self.client, *text.split())

    def on_server(self, text):
        run("ip", "-n", self.server, *text.split())

    def sysctl(self, name, **values):
        for key, value in values.items():
            path = "net." + key.replace("__", ".")
            run("ip", "netns", "exec", name, "sysctl", "-qw",
                f"{path}={value}")

    def wire(self):
        run("ip", "-n", self.client, "link", "add", "eth0", "type", "veth",
            "peer", "name", "eth0", "netns", self.server)
        for name in (self.client, self.server):
            # (icmp_ratelimit=0 takes away, in Linux 6.1 at least, what may
            # be said at once of routes that refuse: one in each round of SYNs
            # would be answered, and the last of ten after a minute)
            self.sysctl(name, ipv4__tcp_fastopen=3, ipv4__icmp_ratemask=0)
            run("ip", "-n", name, "link", "set", "lo", "up")
        self.sysctl(self.server, ipv4__ip_forward=1,
                    ipv6__conf__all__forwarding=1)
        for address in (f"{CLIENT4}/26", f"{CLIENT4B}/26"):
            self.on_client(f"addr add {address} dev eth0")
        self.on_client(f"addr add {CLIENT6}/64 dev eth0 nodad")
        self.on_server(f"addr add {SERVER4}/26 dev eth0")
        self.on_server(f"addr add {SERVER6}/64 dev eth0 nodad")
        self.on_client("link set eth0 up")
        self.on_server("link set eth0 up")

    def routes(self):
        self.on_client(f"route add default via {SERVER4}")
        self.on_client(f"-6 route add default via {SERVER6}")
        self.on_server(f"route add local {LIVE4}.0/24 dev lo")
        self.on_server(f"-6 route add local {LIVE6}/48 dev lo")
        self.on_server("route add blackhole 203.0.113.0/26")
        self.on_server("route add unreachable 203.0.113.64/26")
        self.on_server("route add prohibit 203.0.113.128/26")
        self.on_server("-6 route add blackhole 2001:db8:b::/48")
        self.on_server("-6 route add unreachable 2001:db8:c::/48")
        if os.path.exists("/proc/sys/net/mptcp/enabled"):
            self.on_client("mptcp limits set subflow 2")
            self.on_server("mptcp limits set subflow 2")
            self.on_client(f"mptcp endpoint add {CLIENT4B} subflow")

    def serve(self, undo):
        words = ["ip", "netns", "exec", self.server,
                 program("tests/system/serve"), "%d-%d" % PORTS]
        if os.path.exists("/proc/sys/net/mptcp/enabled"):
            words += ["-m", "%d-%d" % PORTS_MPTCP]
        server = subprocess.Popen(words, stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE)
        undo.callback(stop, server)
        self.served_by = server.pid
        if server.stdout.readline() != b"ready\n":
            raise RuntimeError("the server did not start")


class Collector:
    """One collector under test; restartable.  Its messages go to self.log
    unless the configuration names a target.  store: a manager keeps its
    descriptors; otherwise it has bpffs."""

    def __init__(self, undo, directory, more="", store=False):
        self.instance = f"t{os.getpid()}"
        self.binary = program("src/pidtreed")
        self.log = directory / "log"
        self.errors = directory / "errors"
        self.conf = directory / "pidtreed.yaml"
        self.to_stdout = "socket:" not in more and "file:" not in more
        self.process = None
        self.lock = None
        self.control = None
        self.pids = []
        if "storm:" not in more:
            more = "storm: off\n" + more
        include = ", ".join(f'"{prefix}"' for prefix in INCLUDE)
        self.conf.write_text(
            'connect:\n  exclude: [0.0.0.0/0, "::/0"]\n'
            f"  include: [{include}]\nuser: nobody\n{more}")
        self.manager = manager.Manager(directory / "notify", store)
        undo.callback(self.end)

    def words(self):
        words = [self.binary, "-c", str(self.conf),
                 "--instance", self.instance]
        return words + ["--stdout"] if self.to_stdout else words

    def start(self, patience=30):
        """Starts it and waits for readiness; seconds that it took."""
        self.manager.ready.clear()
        begun = time.monotonic()
        with open(self.log, "ab") as log, open(self.errors, "ab") as errors:
            # the shell sets LISTEN_PID to what exec makes the collector
            self.process = subprocess.Popen(
                ["/bin/sh", "-c", 'LISTEN_PID=$$ exec "$@"', "sh",
                 *self.words()], stdout=log, stderr=errors, cwd="/",
                stdin=subprocess.DEVNULL, close_fds=False,
                preexec_fn=self.manager.hand_over,
                env={**os.environ, **self.manager.environment()})
        self.pids.append(self.process.pid)
        if not self.manager.await_ready(self.process, patience):
            raise RuntimeError(f"the collector is not ready (exit "
                               f"{self.process.poll()}):\n{self.trouble()}")
        self.find_lock()
        return time.monotonic() - begun

    def find_lock(self):
        """The file by which it keeps others of its name away."""
        for entry in os.scandir(f"/proc/{self.process.pid}/fd"):
            with contextlib.suppress(OSError):
                path = os.readlink(entry.path)
                if path.endswith(f"/{self.instance}.lock"):
                    self.lock = pathlib.Path(path)
                    self.control = self.lock.parent / "watch" / self.instance

    def trouble(self):
        return self.errors.read_text(errors="replace")

    def stop(self):
        """SIGTERM; its exit status."""
        self.process.terminate()
        return self.process.wait(30)

    def kill(self):
        self.process.kill()
        self.process.wait(30)

    def end(self):
        """Whatever has happened, nothing of it stays."""
        if self.process:
            stop(self.process, 20)
        self.manager.close()
        subprocess.run([self.binary, "--release", "--instance",
                        self.instance], check=False, timeout=30,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if self.lock:
            self.lock.unlink(missing_ok=True)
            self.control.unlink(missing_ok=True)

    def lines(self):
        """The messages that it wrote so far, without ends of line."""
        data = self.log.read_bytes()
        return data.split(b"\n")[:-1]
