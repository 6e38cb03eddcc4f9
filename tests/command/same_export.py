#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""same_export.py FIELDS JSON ECS CEF: is every value of the messages in both
exports, at its place, and nothing else?  FIELDS is what `pidtree export
--fields` prints, JSON what `pidtree show --json --all` does.  The CEF reader
here follows ArcSight's description and shares nothing with the writer."""
import datetime
import json
import re
import sys

SYSLOG_TO_CEF = [10, 9, 8, 7, 6, 5, 3, 0]
CONSTANT = {"ecs.version", "event.kind", "event.category", "event.type",
            "event.module", "event.dataset"}
LABELLED = re.compile(r"(c[sn][1-6]|c6a[1-4]|deviceCustomDate[12])$")


class Trouble(Exception):
    """What differs."""


def read_fields(path):
    rows = {}
    with open(path, encoding="ascii") as lines:
        for line in lines:
            row = line.rstrip("\n").split("\t")
            if row[0] == "message":
                continue
            element, name, _, _, ecs, parent, ancestor, cef, cef6, ids = row
            for msgid in ids.split():
                rows[msgid, element, name] = (ecs, parent, ancestor, cef, cef6)
    return rows


def unescape(text, extension):
    """Of a value or a header field."""
    what = {"n": "\n", "r": "\r", "\\": "\\"}
    what["=" if extension else "|"] = "=" if extension else "|"

    def one(match):
        if match[1] not in what:
            raise Trouble(f"CEF: escape {match[0]!r}")
        return what[match[1]]
    return re.sub(r"\\(.?)", one, text, flags=re.S)


def read_cef(line):
    """(header fields, {key: value})."""
    start = line.index("CEF:0|")
    parts = []
    rest = line[start:]
    for _ in range(7):
        match = re.match(r"((?:[^\\|]|\\.)*)\|", rest)
        if not match:
            raise Trouble("CEF: fewer than seven header fields")
        parts.append(unescape(match[1], False))
        rest = rest[match.end():]
    keys = list(re.finditer(r"(?:^| )([A-Za-z0-9_]+)=", rest))
    # a `=` of a value is escaped, so each unescaped one ends a key
    if len(keys) != len(re.findall(r"(?<!\\)(?:\\\\)*=", rest)):
        raise Trouble("CEF: a `=` that ends no key")
    pairs = {}
    for key, after in zip(keys, keys[1:] + [None]):
        value = rest[key.end():after.start() if after else None]
        if key[1] in pairs:
            raise Trouble(f"CEF: {key[1]} twice")
        pairs[key[1]] = unescape(value, True)
    return line[:start], parts, pairs


def flatten(value, path=""):
    if isinstance(value, dict):
        for name, sub in value.items():
            yield from flatten(sub, f"{path}.{name}" if path else name)
    else:
        yield path, value


def epoch(text):
    """Milliseconds, cut off."""
    date, _, fraction = text[:-1].partition(".")
    then = datetime.datetime.strptime(date + "+0000", "%Y-%m-%dT%H:%M:%S%z")
    return str(int(then.timestamp()) * 1000 + int(fraction[:3]))


def as_ecs(name, value):
    if name == "proto":
        return value.lower()
    if name == "deviceDirection" and value in (0, 1):
        return ["ingress", "egress"][value]
    if name in ("addresses", "answers"):
        return value.split()
    return value


def header(message, ecs, cef):
    """What does not come from the table of fields."""
    put = ecs.__setitem__
    for name, path, key in (("hostname", "host.name", "dvchost"),
                            ("appname", "log.syslog.appname",
                             "deviceProcessName"),
                            ("procid", "log.syslog.procid", "dvcpid"),
                            ("text", "message", "msg"),
                            ("facility", "log.syslog.facility.code",
                             "deviceFacility")):
        if name in message:
            put(path, message[name])
            cef[key] = message[name]
    put("log.syslog.severity.code", message["severity"])
    put("event.code", message["msgid"])
    if "timestamp" in message:
        put("@timestamp", message["timestamp"])
        cef["rt"] = epoch(message["timestamp"])
    event = message.get("event", {})
    if message["msgid"] not in ("CONNECT", "OUTCOME", "UDP", "CLOSE",
                                "DIGEST", "LISTEN", "DNS", "EXEC",
                                "READLINE", "ACCEPT", "CAPABLE", "OPEN",
                                "ESCAPE"):
        put("event.action", message["msgid"].lower())
    if "outcome" in event:
        put("event.outcome", {"established": "success", "closed": "success",
                              "idle": "success", "answered": "success",
                              "success": "success", "granted": "success",
                              "pending": "unknown"}
            .get(event["outcome"], "failure"))
    for name in "dst", "src":
        if name in event:
            put("network.type", "ipv6" if ":" in event[name] else "ipv4")


def expected(rows, message):
    """The ECS document, flat, and the CEF pairs."""
    ecs, cef, array = {}, {}, []
    header(message, ecs, cef)
    for element, members in message.items():
        if not isinstance(members, dict):
            continue
        for name, value in members.items():
            if name == "ancestors":
                continue
            path, _, _, key, key6 = rows[message["msgid"], element, name]
            ecs[path] = as_ecs(name, value)
            if key6 and ":" in value:
                key = key6
            cef[key] = epoch(value) if name in ("start", "end", "born") \
                else value
            if LABELLED.match(key):
                cef[key + "Label"] = name
    for ancestor in message.get("ancestry", {}).get("ancestors", []):
        distance = ancestor.pop("distance")
        entry = {"distance": distance}
        for name, value in ancestor.items():
            _, parent, member, _, _ = rows[message["msgid"], "event", name]
            if distance == 1:
                ecs[parent] = value
            else:
                entry[member] = value
            cef[f"{name}{distance}"] = value
        if distance > 1:
            array.append(entry)
    if array:
        ecs["pidtree.ancestors"] = array
    return ecs, cef


def same(what, want, got):
    for key in sorted(set(want) | set(got)):
        if key not in got or key not in want:
            raise Trouble(f"{what} {key}: only "
                          f"{'expected' if key in want else 'there'}")
        a, b = want[key], got[key]
        # where the schema has a keyword, a number is a string
        if a != b and not (isinstance(a, int) and str(a) == b):
            raise Trouble(f"{what} {key}: {b!r}, expected {a!r}")


def compare(rows, message, document, line):
    want_ecs, want_cef = expected(rows, message)
    got = dict(flatten(document))
    for name in CONSTANT:
        if not got.pop(name, None):
            raise Trouble(f"ECS: no {name}")
    want_array = want_ecs.pop("pidtree.ancestors", [])
    got_array = got.pop("pidtree.ancestors", [])
    same("ECS", want_ecs, got)
    if len(want_array) != len(got_array):
        raise Trouble(f"ECS: {len(got_array)} ancestors")
    for want, entry in zip(want_array, got_array):
        same("ECS ancestor", want, dict(flatten(entry)))
    _, parts, pairs = read_cef(line)
    if parts[:3] != ["CEF:0", "pidtreed", "pidtreed"] or \
            parts[4] != message["msgid"] or not parts[5] or \
            parts[6] != str(SYSLOG_TO_CEF[message["severity"]]):
        raise Trouble(f"CEF header {parts}")
    same("CEF", want_cef, pairs)
    return len(got) + len(pairs)


def lines(path):
    with open(path, "rb") as file:
        return [line.decode() for line in file.read().split(b"\n")[:-1]]


def main(argv):
    rows = read_fields(argv[1])
    messages, documents, cefs = (lines(path) for path in argv[2:])
    trouble = values = 0
    if not len(messages) == len(documents) == len(cefs) != 0:
        print(f"{len(messages)} messages, {len(documents)} documents, "
              f"{len(cefs)} CEF lines")
        return 1
    for number, (message, document, line) in enumerate(
            zip(messages, documents, cefs), 1):
        try:
            values += compare(rows, json.loads(message),
                              json.loads(document), line)
        except Trouble as what:
            trouble += 1
            if trouble < 20:
                print(f"message {number}: {what}")
    print(f"{len(messages)} messages, {values} values, {trouble} differ")
    return 0 if trouble == 0 else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv))
