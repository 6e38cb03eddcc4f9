# SPDX-License-Identifier: BSD-2-Clause
"""The part of a service manager that a collector talks to: readiness, and
descriptors that it keeps over a restart (sd_notify(3), sd_listen_fds(3))."""
import os
import socket
import threading
import time

FIRST = 3       # SD_LISTEN_FDS_START


class Manager:
    """One service.  With stores, FDSTORE=1 is honoured."""

    def __init__(self, path, stores):
        self.path = str(path)
        self.stores = stores
        self.fds = {}
        self.ready = threading.Event()
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        os.chmod(self.path, 0o777)
        self.thread = threading.Thread(target=self.listen, daemon=True)
        self.thread.start()

    def listen(self):
        while True:
            try:
                data, fds, _, _ = socket.recv_fds(self.socket, 4096, 64)
            except OSError:
                return
            if data == b"end":
                return
            self.understand(data, fds)

    def understand(self, data, fds):
        states = dict(line.split(b"=", 1) for line in data.split(b"\n")
                      if b"=" in line)
        name = states.get(b"FDNAME", b"stored").decode()
        if states.get(b"READY") == b"1":
            self.ready.set()
        if states.get(b"FDSTORE") == b"1" and self.stores:
            self.fds.setdefault(name, []).extend(fds)
            fds = []
        if states.get(b"FDSTOREREMOVE") == b"1":
            fds = fds + self.fds.pop(name, [])
        for fd in fds:
            os.close(fd)

    def environment(self):
        """What a service is started with, without LISTEN_PID."""
        more = {"NOTIFY_SOCKET": self.path}
        if self.stores:
            more["FDSTORE"] = "512"
        if self.flat():
            more["LISTEN_FDS"] = str(len(self.flat()))
            more["LISTEN_FDNAMES"] = ":".join(name for name, _ in self.flat())
        return more

    def flat(self):
        return [(name, fd) for name, fds in self.fds.items() for fd in fds]

    def hand_over(self):
        """In the child, before exec: the descriptors from 3 on."""
        flat = [fd for _, fd in self.flat()]
        high = [os.dup2(fd, 700 + i) for i, fd in enumerate(flat)]
        for i, fd in enumerate(high):
            os.dup2(fd, FIRST + i, inheritable=True)
            os.close(fd)

    def await_ready(self, process, patience):
        until = time.monotonic() + patience
        while time.monotonic() < until:
            if self.ready.wait(0.05):
                return True
            if process.poll() is not None:
                return False
        return False

    def release(self):
        """The service was stopped for good."""
        for _, fd in self.flat():
            os.close(fd)
        self.fds.clear()

    def close(self):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as other:
            other.sendto(b"end", self.path)
        self.thread.join(5)
        self.release()
        self.socket.close()
        os.unlink(self.path)
