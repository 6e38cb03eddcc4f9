# SPDX-License-Identifier: BSD-2-Clause
"""Processes of the bench: the collector, and helpers that answer lines."""
import json
import os
import re
import signal
import socket
import subprocess
import time

INSTANCE = "bench"
DEFAULT = ""                    # excludes loopback: what is filtered
# The storm guard looks at each, and never finds too many.
LOGGED = ('storm: 1000000\nclose: off\n'
          'connect: {include: ["127.0.0.1 only 4242"]}\n')
LOGGED_UDP = LOGGED + "udp: {log: on}\n"    # one session: it counts
WITH_CLOSE = LOGGED.replace("close: off", "close: on")
ONLY = ('storm: 1000000\nclose: off\nconnect: {exclude: [0.0.0.0/0, "::/0"], '
        'include: ["127.0.0.1 only 4242"]}\n')
ALONE = "udp: {log: off}\ndns: off\n"      # filtered TCP and nothing else
ACCEPTS = ('accept: {log: on, include: ["127.0.0.1 only 4242"], '
           'ports: [4242]}\nstorm: 1000000\n')
# The kernel decides it: what is logged as in LOGGED is dropped.
RULE = ("- name: bench\n  where: dst in 127.0.0.0/8 and dpt = 4242\n"
        "  action: drop\n")
EXECS = LOGGED + "exec: succeeded\n"
FAILURES = LOGGED + "exec: on\n"
OPENS = LOGGED + "open: {log: on}\n"
ESCAPES = LOGGED + "escape: {log: on}\n"
CHECKS = LOGGED + "capable: {log: on}\n"
LINES = LOGGED + "readline: {log: on}\n"


def on(cpus):
    return lambda: os.sched_setaffinity(0, cpus)


class Helper:
    """A program that answers each line with one of numbers."""

    def __init__(self, argv, cpus):
        self.process = subprocess.Popen(
            argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            preexec_fn=on(cpus))
        if self.process.stdout.readline() != "ready\n":
            raise RuntimeError(argv[0] + " did not start")

    def ask(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().split()
        if not answer:
            raise RuntimeError(self.process.args[0] + " has ended")
        return [float(n) for n in answer]

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


def write_conf(directory, text):
    path = os.path.join(directory, "bench.yaml")
    with open(path, "w", encoding="utf-8") as f:
        if not text.startswith("log: "):
            text = f"log: {{target: socket, socket: {directory}/log}}\n{text}"
        f.write(f"user: nobody\n{text}")
    return path


class Collector:
    """pidtreed, from its start to its end; ready: seconds until READY=1."""

    def __init__(self, binary, directory, conf, cpus):
        self.directory = directory
        notify = os.path.join(directory, "notify")
        manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        manager.bind(notify)
        os.chmod(notify, 0o666)     # it has left root by then
        manager.settimeout(30)
        path = write_conf(directory, conf)
        begin = time.monotonic()
        with open(os.path.join(directory, "err"), "w",
                  encoding="utf-8") as err:
            self.process = subprocess.Popen(
                [binary, "-c", path, "--instance", INSTANCE], stderr=err,
                preexec_fn=on(cpus), env=os.environ | {"NOTIFY_SOCKET": notify})
        try:
            while b"READY=1" not in manager.recv(4096):
                pass
        except TimeoutError:
            self.stop()
            raise RuntimeError("the collector did not start: "
                               + self.complaint()) from None
        finally:
            manager.close()
            os.unlink(notify)
        self.ready = time.monotonic() - begin

    def complaint(self):
        with open(os.path.join(self.directory, "err"),
                  encoding="utf-8") as f:
            return f.read().strip()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def control(self):
        """Its control socket, beside its lock."""
        fds = f"/proc/{self.process.pid}/fd"
        lock, = [path for path in (os.readlink(os.path.join(fds, fd))
                                   for fd in os.listdir(fds))
                 if path.endswith(f"/{INSTANCE}.lock")]
        return os.path.join(os.path.dirname(lock), "watch", INSTANCE)

    def cpu_ns(self):
        """User and system time (CPUCLOCK_SCHED of another process)."""
        return time.clock_gettime_ns((~self.process.pid << 3) | 2)

    def resident(self):
        """Bytes, and of these what is no file."""
        with open(f"/proc/{self.process.pid}/status", encoding="utf-8") as f:
            status = dict(re.findall(r"^(\w+):\s+(\d+) kB", f.read(), re.M))
        return int(status["VmRSS"]) * 1024, int(status["RssAnon"]) * 1024

    def _ids(self, what):
        fds = f"/proc/{self.process.pid}/fdinfo"
        ids = set()
        for fd in os.listdir(fds):
            with open(os.path.join(fds, fd), encoding="utf-8") as f:
                ids.update(re.findall(rf"^{what}_id:\s+(\d+)", f.read(), re.M))
        return {int(i) for i in ids}

    def _bpf(self, kind, what):
        mine = self._ids(what)
        return [x for x in bpf(kind) if x["id"] in mine]

    def maps(self):
        """Name to bytes in the kernel."""
        return {m["name"]: m.get("bytes_memlock", 0)
                for m in self._bpf("map", "map")}

    def programs(self):
        """Name to bytes, runs, ns."""
        return {p["name"]: (p.get("bytes_memlock", 0), p.get("run_cnt", 0),
                            p.get("run_time_ns", 0))
                for p in self._bpf("prog", "prog")}


def bpf(kind):
    out = subprocess.run(["bpftool", "-j", kind, "show"], check=True,
                         stdout=subprocess.PIPE,
                         stderr=subprocess.DEVNULL).stdout
    return json.loads(out)


def release(binary):
    subprocess.run([binary, "--release", "--instance", INSTANCE],
                   stderr=subprocess.DEVNULL, check=False)
