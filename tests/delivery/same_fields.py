#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""same_fields.py LINES JSON: do rsyslog's JSON objects, one a line, say what
the messages say?  LINES is read with the strict reader of RFC 5424."""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "system"))
import rfc5424_strict  # noqa: E402  (found only now)

BOM = "\ufeff"


def wanted(line):
    message = rfc5424_strict.check(line)
    header = {
        "pri": str(message.prival),
        "timestamp": message.timestamp,
        "hostname": message.hostname,
        "app": message.app,
        "procid": message.procid,
        "msgid": message.msgid,
        "msg": message.msg,
    }
    text = {key: value.decode() if isinstance(value, bytes) else value
            for key, value in header.items()}
    data = {sdid.decode(): {name.decode(): value.decode()
                            for name, value in params}
            for sdid, params in message.sd}
    return {"header": text, "rfc5424-sd": data}


def differences(want, got, where=""):
    for key in sorted(set(want) | set(got)):
        place = f"{where}.{key}"
        if key not in got or key not in want:
            yield f"{place}: only in {'want' if key in want else 'got'}"
        elif isinstance(want[key], dict):
            yield from differences(want[key], got[key], place)
        elif want[key] != got[key]:
            yield f"{place}: {got[key]!r}, wanted {want[key]!r}"


def read(text):
    """What rsyslog's mmpstrucdata or syslog-ng's format-json made of it, and
    whether a BOM, which marks a MSG as UTF-8 (RFC 5424 6.4), is taken off."""
    got = json.loads(text)
    foreign = "_SDATA" in got
    if foreign:
        got["rfc5424-sd"] = got.pop("_SDATA")
        stamp = got["header"]["timestamp"]
        got["header"]["timestamp"] = stamp.replace("+00:00", "Z")
    return got, foreign


def main(argv):
    with open(argv[1], "rb") as lines, open(argv[2], "rb") as objects:
        sent = lines.read().split(b"\n")[:-1]
        received = objects.read().split(b"\n")[:-1]
    trouble = fields = 0
    if len(sent) != len(received):
        print(f"{len(sent)} messages, {len(received)} objects")
        trouble += 1
    for number, (line, text) in enumerate(zip(sent, received), 1):
        want = wanted(line)
        fields += sum(len(params) for params in want["rfc5424-sd"].values())
        got, no_bom = read(text)
        if no_bom:
            want["header"]["msg"] = want["header"]["msg"].removeprefix(BOM)
        for difference in differences(want, got):
            trouble += 1
            if trouble < 20:
                print(f"message {number}{difference}")
    print(f"{len(sent)} messages, {fields} fields, {trouble} differences")
    return 0 if trouble == 0 and fields > 0 else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv))
