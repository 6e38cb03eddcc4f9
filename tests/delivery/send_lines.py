#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""send_lines.py SOCKET: sends each line of standard input as a datagram."""
import socket
import sys

sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
sock.connect(sys.argv[1])
for line in sys.stdin.buffer:
    sock.send(line[:-1])
