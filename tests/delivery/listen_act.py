#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""listen_act.py DIR: a mail server and a webhook on loopback.  Their ports go
to DIR/ports; each mail is a file DIR/mail.N, each request DIR/post.N."""
import http.server
import pathlib
import socketserver
import sys
import threading

TO = pathlib.Path(sys.argv[1])
count = {"mail": 0, "post": 0}


def keep(kind, data):
    count[kind] += 1
    part = TO / f"part.{kind}"
    part.write_bytes(data)
    part.rename(TO / f"{kind}.{count[kind]}")


class Mail(socketserver.StreamRequestHandler):
    """As much of RFC 5321 as it takes."""

    def say(self, text):
        self.wfile.write(text.encode() + b"\r\n")

    def data(self):
        self.say("354 go on")
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line)
        keep("mail", b"".join(lines))
        self.say("250 kept")

    def handle(self):
        self.say("220 here")
        while line := self.rfile.readline():
            word = line.split()[0].upper() if line.split() else b""
            if word == b"DATA":
                self.data()
            elif word == b"QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 fine")


class Post(http.server.BaseHTTPRequestHandler):
    """Takes any."""

    def do_POST(self):
        keep("post", self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_):
        pass


def main():
    mail = socketserver.TCPServer(("127.0.0.1", 0), Mail)
    post = http.server.HTTPServer(("127.0.0.1", 0), Post)
    (TO / "ports.new").write_text(f"{mail.server_address[1]} "
                                  f"{post.server_address[1]}\n")
    (TO / "ports.new").rename(TO / "ports")
    threading.Thread(target=mail.serve_forever, daemon=True).start()
    post.serve_forever()


main()
