#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The strict reader refuses what RFC 5424 forbids, and takes what it allows:
otherwise the other tests' "every message is valid" would say nothing."""
import sys

import rfc5424_strict as strict

HEAD = b"<86>1 2026-11-22T08:14:02.113245Z web-7 pidtreed 712 CONNECT "
SD = (b'[meta sequenceId="1" sysUpTime="8"][host@32473 id="abc" boot="5c"]'
      b'[event@32473 act="connect"]')

RFC_GOOD = [
    b"<0>1 - - - - - -",
    b"<191>999 - - - - - -",
    b"<34>1 2003-10-11T22:14:15.003Z mymachine.example.com su - ID47 - x",
    b"<34>1 2003-08-24T05:14:15.000003-07:00 192.0.2.1 p 8710 - - %% It",
    b"<34>1 2024-02-29T00:00:00+23:59 h a p m -",
    b'<165>1 - h a - ID47 [exampleSDID@32473 iut="3" eventID="1011"]',
    b'<165>1 - h a - ID47 [a@1 b=""][c@2]',
    b'<165>1 - h a - ID47 [a@1 b="\\"\\\\\\]"] ',
    b'<165>1 - h a - ID47 [a@1 b="' + "é€𝄞".encode() + b'"]',
    b"<1>1 - " + 255 * b"h" + b" " + 48 * b"a" + b" " + 128 * b"p" + b" " +
    32 * b"m" + b" -",
    b"<1>1 - h a p m [" + 30 * b"n" + b"@1 " + 32 * b"k" + b'="v"]',
    b"<1>1 - h a p m - " + strict.BOM + "é".encode(),
    b"<1>1 - h a p m - \xff any bytes without BOM",
]
RFC_BAD = [
    b"", b"<", b"<192>1 - - - - - -", b"<01>1 - - - - - -",
    b"<1234>1 - - - - - -", b"<>1 - - - - - -", b"<1>0 - - - - - -",
    b"<1>1234 - - - - - -", b"<1>01 - - - - - -", b"<1> - - - - - -",
    b"<1>1  - - - - - -", b"<1>1 - - - - -", b"<1>1 - - - - - -x",
    b"<1>1 - h\x7f a p m -", b"<1>1 - h\xc3\xa9 a p m -",
    b"<1>1 2003-10-11t22:14:15.003Z h a p m -",
    b"<1>1 2003-10-11T22:14:15.003z h a p m -",
    b"<1>1 2003-10-11T22:14:15.0000001Z h a p m -",
    b"<1>1 2003-10-11T22:14:15.Z h a p m -",
    b"<1>1 2003-10-11T22:14:60Z h a p m -",
    b"<1>1 2003-10-11T24:14:00Z h a p m -",
    b"<1>1 2003-02-29T22:14:00Z h a p m -",
    b"<1>1 2003-13-01T22:14:00Z h a p m -",
    b"<1>1 2003-1-01T22:14:00Z h a p m -",
    b"<1>1 2003-10-11T22:14:15 h a p m -",
    b"<1>1 2003-10-11T22:14:15+24:00 h a p m -",
    b"<1>1 - " + 256 * b"h" + b" a p m -", b"<1>1 - h " + 49 * b"a" +
    b" p m -", b"<1>1 - h a " + 129 * b"p" + b" m -",
    b"<1>1 - h a p " + 33 * b"m" + b" -",
    b"<1>1 - h a p m []", b"<1>1 - h a p m [a b=\"c\"]",
    b"<1>1 - h a p m [a@ b=\"c\"]", b"<1>1 - h a p m [a@x b=\"c\"]",
    b"<1>1 - h a p m [a@1 b=c]", b"<1>1 - h a p m [a@1 b=\"c]",
    b"<1>1 - h a p m [a@1 b=\"c\" ]", b"<1>1 - h a p m [a@1  b=\"c\"]",
    b"<1>1 - h a p m [a@1 b=\"]\"]", b"<1>1 - h a p m [a@1 b=\"\\x\"]",
    b"<1>1 - h a p m [a@1 b=\"\xff\"]",
    b"<1>1 - h a p m [a@1 b=\"\xc0\x80\"]",
    b"<1>1 - h a p m [a@1 b=\"\xed\xa0\x80\"]",
    b"<1>1 - h a p m [a@1 b=\"\xf4\x90\x80\x80\"]",
    b"<1>1 - h a p m [a@1][a@1]",
    b"<1>1 - h a p m [a@1 " + 33 * b"k" + b"=\"v\"]",
    b"<1>1 - h a p m [" + 31 * b"n" + b"@1]",
    b"<1>1 - h a p m [a\"@1]", b"<1>1 - h a p m [a@1 b\"=\"c\"]",
    b"<1>1 - h a p m [meta sequenceId=\"0\"]",
    b"<1>1 - h a p m [meta sequenceId=\"2147483648\"]",
    b"<1>1 - h a p m [meta sequenceid=\"1\"]",
    b"<1>1 - h a p m [timeQuality isSynced=\"2\"]",
    b"<1>1 - h a p m [timeQuality isSynced=\"0\" syncAccuracy=\"1\"]",
    b"<1>1 - h a p m - " + strict.BOM + b"\xff",
    b"<1>1 - h a p m [a@1 b=\"c\"]d",
]
OURS_GOOD = [
    HEAD + SD + b" a sentence",
    HEAD + SD + b'[ancestry@32473 depth="1"]',
    HEAD + b'[meta sequenceId="1"][origin software="pidtreed"]'
    + SD[SD.index(b"[host"):],
    HEAD + SD[:-1] + b' cmd="' + 4000 * b"x" + b'"]',
]
OURS_BAD = [
    HEAD + SD + 8000 * b" ", HEAD + SD[:-1] + b' cmd="' + 4001 * b"x" + b'"]',
    HEAD + SD[:-1] + b' cmd="a" cmd="b"]', HEAD + SD[:-1] +
    b' cmd="a" Cmd="b"]', HEAD + SD[:-1] + b' cmd=""]',
    HEAD + SD[:-1] + b' auid="-1"]', HEAD + SD[:-1] + b' src="0.0.0.0"]',
    HEAD + SD[:-1] + b' cmd="a\x01"]', HEAD + SD[:-1] + b' cmd="a\x7f"]',
    HEAD + SD + b" a\nsentence", HEAD + SD + b" \xff", HEAD + b"-",
    HEAD + SD[SD.index(b"[host"):] + b'[meta sequenceId="1"]',
    HEAD.replace(b"web-7", b"-") + SD, HEAD.replace(b">1 ", b">2 ") + SD,
    HEAD + SD[SD.index(b"[event"):] + SD[:SD.index(b"[event")],
]


def taken(check, data):
    try:
        check(data)
    except strict.Bad:
        return False
    return True


def main():
    wrong = 0
    for check, table, wanted in ((strict.parse, RFC_GOOD, True),
                                 (strict.parse, RFC_BAD, False),
                                 (strict.check, OURS_GOOD, True),
                                 (strict.check, OURS_BAD, False)):
        for data in table:
            if taken(check, data) != wanted:
                wrong += 1
                print(f"{'refused' if wanted else 'taken'}: {data!r}")
    for data in RFC_GOOD:
        for end in range(len(data.split(b" -")[0])):
            if taken(strict.parse, data[:end]):
                wrong += 1
                print(f"taken, though cut: {data[:end]!r}")
    print(f"{len(RFC_GOOD) + len(RFC_BAD) + len(OURS_GOOD) + len(OURS_BAD)}"
          f" messages, {wrong} judged wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
