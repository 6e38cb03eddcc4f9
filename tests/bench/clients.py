#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""clients.py SOCKET COUNT: so many clients of the control socket that watch,
half of them without ever reading, and one that sends garbage as fast as it is
taken, until standard input ends; then how much of it that was."""
import contextlib
import os
import select
import socket
import sys

NOISE = os.urandom(32768)


def client(path):
    sock = socket.socket(socket.AF_UNIX)
    sock.connect(path)
    sock.sendall(b'{"do":"trace"}\n')
    sock.setblocking(False)
    return sock


def noisy(path):
    sock = socket.socket(socket.AF_UNIX)
    sock.setblocking(False)
    sock.connect(path)
    return sock


def main():
    path, count = sys.argv[1], int(sys.argv[2])
    stuck = [client(path) for _ in range(count // 2)]
    reading = [client(path) for _ in range(count - count // 2)]
    noise, sent = None, 0
    print("ready", flush=True)
    while True:
        if noise is None:
            with contextlib.suppress(OSError):
                noise = noisy(path)
        can, want, _ = select.select(
            reading + [sys.stdin], [noise] if noise else [], [], 0.1)
        if sys.stdin in can:
            break
        for sock in can:
            with contextlib.suppress(OSError):
                sock.recv(65536)
        if want:
            try:
                sent += noise.send(NOISE)
            except OSError:
                noise.close()
                noise = None
    print(len(stuck) + len(reading), sent, flush=True)


if __name__ == "__main__":
    main()
