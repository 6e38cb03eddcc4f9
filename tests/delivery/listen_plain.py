#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""listen_plain.py PORT FILE: takes every connection to the port and writes to
FILE what comes in the clear, answering nothing.  Ends when it is told to."""
import selectors
import socket
import sys

selector = selectors.DefaultSelector()
server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
selector.register(server, selectors.EVENT_READ)
with open(sys.argv[2], "wb", buffering=0) as out:
    while True:
        for key, _ in selector.select():
            if key.fileobj is server:
                selector.register(server.accept()[0], selectors.EVENT_READ)
                continue
            try:
                data = key.fileobj.recv(65536)
            except ConnectionResetError:
                data = b""
            out.write(data)
            if not data:
                selector.unregister(key.fileobj)
                key.fileobj.close()
