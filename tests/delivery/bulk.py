#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""bulk.py PORT FILE CERTIFICATE KEY: a stand-in for Elasticsearch's bulk interface, which is
as particular as that: creates documents once, is too busy for every tenth at
first (429), hangs up on the very first request, and never takes what says
event.code HOST (400).  Documents go to FILE, a line of JSON each."""
import http.server
import json
import ssl
import sys

stored = {}
seen = set()
requests = 0
problems = []


def create(out, action, document):
    if set(action) != {"create"}:
        problems.append(f"not create: {action}")
        return 400
    index, key = action["create"]["_index"], action["create"].get("_id")
    if not key or set(action["create"]) - {"_index", "_id"}:
        problems.append(f"bad action: {action}")
        return 400
    if document.get("event", {}).get("code") == "HOST":
        return 400
    if (index, key) in stored:
        return 409
    if hash(key) % 10 == 0 and key not in seen:
        seen.add(key)
        return 429
    stored[index, key] = document
    out.write(json.dumps({"index": index, "id": key, "doc": document}) + "\n")
    out.flush()
    return 201


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, body):
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self):
        self.answer(200, {"status": "green"})

    do_HEAD = do_GET

    def do_POST(self):
        global requests
        body = self.rfile.read(int(self.headers["Content-Length"]))
        requests += 1
        if self.path.split("?")[0] != "/_bulk":
            problems.append(f"path {self.path}")
            self.answer(404, {})
            return
        if requests == 1:
            self.close_connection = True
            return
        lines = body.decode().split("\n")
        items = []
        for action, document in zip(lines[0::2], lines[1::2]):
            action, document = json.loads(action), json.loads(document)
            status = create(self.server.out, action, document)
            meta = next(iter(action.values()))
            item = {"_index": meta["_index"], "_id": meta.get("_id"),
                    "status": status}
            if status >= 400:
                item["error"] = {"type": "refused", "reason": str(status)}
            items.append({"create": item})
        self.answer(200, {"took": 1, "items": items, "errors": any(
            "error" in item["create"] for item in items)})
        if problems:
            print(problems.pop(), file=sys.stderr, flush=True)


server = http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])),
                                         Handler)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[3], sys.argv[4])
server.socket = context.wrap_socket(server.socket, server_side=True)
with open(sys.argv[2], "w") as server.out:
    server.serve_forever()
