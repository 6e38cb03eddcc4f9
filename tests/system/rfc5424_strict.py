#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""A strict RFC 5424 reader, written from the ABNF of section 6 alone.

It shares nothing with the collector's writer and parser.  parse() takes the
bytes of one message and returns a Message or raises Bad with the byte offset.
check() adds what this project promises beyond the RFC.  As a program it is a
filter: every bad line is named on standard output, exit 1 if there was one.
"""
import re
import sys

BOM = b"\xef\xbb\xbf"
DIGITS = frozenset(b"0123456789")
PRINTUSASCII = frozenset(range(33, 127))
NOT_IN_SD_NAME = frozenset(b'= ]"')
ESCAPED = frozenset(b'"\\]')
# RFC 5424 section 7, the registered elements and their parameters
REGISTERED = {
    b"timeQuality": {b"tzKnown", b"isSynced", b"syncAccuracy"},
    b"origin": {b"ip", b"enterpriseId", b"software", b"swVersion"},
    b"meta": {b"sequenceId", b"sysUpTime", b"language"},
}
MESSAGE_MAX = 8000
VALUE_MAX = 4000
ORDER = [b"meta", b"host", b"event", b"ancestry"]


class Bad(ValueError):
    """What is wrong, and at which byte."""

    def __init__(self, at, what):
        super().__init__(f"byte {at}: {what}")
        self.at = at
        self.what = what


class Message:
    """prival, version, timestamp, hostname, app, procid, msgid: bytes (None
    for the nil value); sd: list of (id, [(name, value)]), unescaped; msg."""

    def __init__(self):
        self.prival = self.version = 0
        self.timestamp = self.hostname = self.app = None
        self.procid = self.msgid = self.msg = None
        self.sd = []
        self.size = 0

    def element(self, name):
        """The parameters of the first element whose id is name, without
        regard to the enterprise number; None if there is none."""
        for sdid, params in self.sd:
            if sdid.split(b"@")[0] == name:
                return dict(params)
        return None


class Cursor:
    def __init__(self, data):
        self.data = data
        self.at = 0

    def bad(self, what):
        return Bad(self.at, what)

    def peek(self):
        return self.data[self.at] if self.at < len(self.data) else -1

    def expect(self, char):
        if self.peek() != char[0]:
            raise self.bad(f"expected {char!r}")
        self.at += 1

    def run(self, allowed, most, what):
        start = self.at
        while self.peek() in allowed:
            self.at += 1
        if self.at == start:
            raise self.bad(f"{what}: empty")
        if self.at - start > most:
            raise Bad(start, f"{what}: longer than {most}")
        return self.data[start:self.at]

    def digits(self, count, low, high, what):
        text = self.data[self.at:self.at + count]
        if len(text) != count or not all(c in DIGITS for c in text):
            raise self.bad(f"{what}: {count} digits wanted")
        if not low <= int(text) <= high:
            raise self.bad(f"{what}: {text!r} out of range")
        self.at += count
        return int(text)


def utf8(data, at, what):
    """Valid, shortest form (RFC 3629); python's decoder is strict in this."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Bad(at + error.start, f"{what}: not UTF-8") from None


def number(cur, most_digits, high, what):
    start = cur.at
    text = cur.run(DIGITS, most_digits, what)
    if len(text) > 1 and text[:1] == b"0":
        raise Bad(start, f"{what}: leading zero")
    if int(text) > high:
        raise Bad(start, f"{what}: above {high}")
    return int(text)


def days(year, month):
    if month == 2:
        leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
        return 29 if leap else 28
    return 30 if month in (4, 6, 9, 11) else 31


def timestamp(cur):
    start = cur.at
    if cur.peek() == ord("-"):
        cur.at += 1
        return None
    year = cur.digits(4, 0, 9999, "year")
    cur.expect(b"-")
    month = cur.digits(2, 1, 12, "month")
    cur.expect(b"-")
    cur.digits(2, 1, days(year, month), "day")
    cur.expect(b"T")
    cur.digits(2, 0, 23, "hour")
    cur.expect(b":")
    cur.digits(2, 0, 59, "minute")
    cur.expect(b":")
    cur.digits(2, 0, 59, "second")
    if cur.peek() == ord("."):
        cur.at += 1
        cur.run(DIGITS, 6, "fraction of a second")
    if cur.peek() in frozenset(b"+-"):
        cur.at += 1
        cur.digits(2, 0, 23, "offset's hour")
        cur.expect(b":")
        cur.digits(2, 0, 59, "offset's minute")
    else:
        cur.expect(b"Z")
    return cur.data[start:cur.at]


def word(cur, most, what):
    text = cur.run(PRINTUSASCII, most, what)
    return None if text == b"-" else text


def sd_name(cur, what):
    return cur.run(PRINTUSASCII - NOT_IN_SD_NAME, 32, what)


def sd_value(cur, what):
    cur.expect(b'"')
    start = cur.at
    out = bytearray()
    while cur.peek() != ord('"'):
        char = cur.peek()
        if char == -1:
            raise cur.bad(f"{what}: the value does not end")
        if char == ord("]"):
            raise cur.bad(f"{what}: ] without backslash")
        if char == ord("\\"):
            cur.at += 1
            char = cur.peek()
            if char not in ESCAPED:
                raise cur.bad(f"{what}: backslash before none of \" \\ ]")
        out.append(char)
        cur.at += 1
    raw = cur.data[start:cur.at]
    utf8(raw, start, what)
    cur.expect(b'"')
    return bytes(out)


def sd_id(cur):
    start = cur.at
    name = sd_name(cur, "SD-ID")
    if b"@" not in name:
        if name not in REGISTERED:
            raise Bad(start, f"SD-ID {name!r}: not registered, no @")
    elif not re.fullmatch(rb"[^@]+@[0-9]+(\.[0-9]+)*", name):
        raise Bad(start, f"SD-ID {name!r}: not name@number")
    return name


def registered_value(at, sdid, name, value):
    """Section 7: what the registered parameters may hold."""
    if name not in REGISTERED[sdid]:
        raise Bad(at, f"{name!r} is no parameter of {sdid!r}")
    wanted = {
        b"tzKnown": rb"[01]", b"isSynced": rb"[01]",
        b"syncAccuracy": rb"0|[1-9][0-9]*",
        b"sequenceId": rb"[1-9][0-9]{0,9}", b"sysUpTime": rb"0|[1-9][0-9]*",
        b"enterpriseId": rb"[0-9]+(\.[0-9]+)*",
        b"software": rb"(?s:.{1,48})", b"swVersion": rb"(?s:.{1,32})",
    }.get(name, rb"(?s:.+)")
    if not re.fullmatch(wanted, value):
        raise Bad(at, f"{name.decode()}={value!r}: not as section 7 wants it")
    if name == b"sequenceId" and int(value) > 2147483647:
        raise Bad(at, "sequenceId above 2147483647")


def sd_element(cur):
    cur.expect(b"[")
    sdid = sd_id(cur)
    params = []
    while cur.peek() == ord(" "):
        cur.at += 1
        at = cur.at
        name = sd_name(cur, "PARAM-NAME")
        cur.expect(b"=")
        value = sd_value(cur, name.decode())
        if sdid in REGISTERED:
            registered_value(at, sdid, name, value)
        params.append((name, value))
    cur.expect(b"]")
    return sdid, params


def structured_data(cur):
    if cur.peek() == ord("-"):
        cur.at += 1
        return []
    elements = []
    seen = set()
    while cur.peek() == ord("["):
        at = cur.at
        sdid, params = sd_element(cur)
        if sdid in seen:
            raise Bad(at, f"SD-ID {sdid!r} twice")
        seen.add(sdid)
        elements.append((sdid, params))
    if not elements:
        raise cur.bad("structured data: neither - nor [")
    quality = dict(dict(elements).get(b"timeQuality", []))
    if quality.get(b"isSynced") == b"0" and b"syncAccuracy" in quality:
        raise cur.bad("syncAccuracy with isSynced=0")
    return elements


def parse(data):
    """One message, without the end of line.  Raises Bad."""
    cur = Cursor(data)
    message = Message()
    message.size = len(data)
    cur.expect(b"<")
    message.prival = number(cur, 3, 191, "PRIVAL")
    cur.expect(b">")
    if cur.peek() == ord("0"):
        raise cur.bad("VERSION begins with 0")
    message.version = number(cur, 3, 999, "VERSION")
    cur.expect(b" ")
    message.timestamp = timestamp(cur)
    cur.expect(b" ")
    message.hostname = word(cur, 255, "HOSTNAME")
    cur.expect(b" ")
    message.app = word(cur, 48, "APP-NAME")
    cur.expect(b" ")
    message.procid = word(cur, 128, "PROCID")
    cur.expect(b" ")
    message.msgid = word(cur, 32, "MSGID")
    cur.expect(b" ")
    message.sd = structured_data(cur)
    if cur.at == len(data):
        return message
    cur.expect(b" ")
    message.msg = data[cur.at:]
    if message.msg.startswith(BOM):
        utf8(message.msg, cur.at, "MSG")
    return message


def printable(at, data, what):
    for offset, char in enumerate(data):
        if char < 0x20 or char == 0x7f:
            raise Bad(at + offset, f"{what}: control character {char:#04x}")


def check_element(sdid, params):
    names = [name.lower() for name, _ in params]
    for name in names:
        if names.count(name) > 1:
            raise Bad(0, f"{sdid.decode()}: {name.decode()} more than once")
    for name, value in params:
        what = f"{sdid.decode()} {name.decode()}"
        printable(0, value, what)
        if len(value) > VALUE_MAX:
            raise Bad(0, f"{what}: {len(value)} bytes, above {VALUE_MAX}")
        if value in (b"", b"-1", b"unset", b"0.0.0.0"):
            raise Bad(0, f"{what}: {value!r} stands for `not known'")


def check(data):
    """The contract beyond the RFC; returns the message."""
    message = parse(data)
    if len(data) > MESSAGE_MAX:
        raise Bad(MESSAGE_MAX, f"{len(data)} bytes, above {MESSAGE_MAX}")
    if message.version != 1:
        raise Bad(0, "VERSION is not 1")
    for name in ("timestamp", "hostname", "app", "procid", "msgid"):
        if getattr(message, name) is None:
            raise Bad(0, f"{name} is nil")
    for sdid, params in message.sd:
        check_element(sdid, params)
    lowered = [sdid.lower() for sdid, _ in message.sd]
    if len(set(lowered)) != len(lowered):
        raise Bad(0, "SD-IDs that differ by case alone")
    places = [ORDER.index(sdid.split(b"@")[0]) for sdid, _ in message.sd
              if sdid.split(b"@")[0] in ORDER]
    if places != sorted(places):
        raise Bad(0, "order is not meta, host, event, ancestry")
    for name in (b"meta", b"host", b"event"):
        if message.element(name) is None:
            raise Bad(0, f"no {name.decode()} element")
    if message.msg is not None:
        utf8(message.msg, 0, "MSG")
        printable(0, message.msg, "MSG")
    return message


def main(argv):
    contract = "--rfc-only" not in argv[1:]
    files = [arg for arg in argv[1:] if not arg.startswith("--")]
    count = bad = 0
    for name in files or ["-"]:
        stream = sys.stdin.buffer if name == "-" else open(name, "rb")
        with stream:
            for line in stream:
                count += 1
                try:
                    (check if contract else parse)(line.rstrip(b"\n"))
                except Bad as error:
                    bad += 1
                    print(f"{name}:{count}: {error}")
    print(f"{count} messages, {bad} bad", file=sys.stderr)
    return 1 if bad or not count else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
