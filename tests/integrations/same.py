#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""same.py WANT GOT [IGNORED...]: are two files of JSON documents, one a line,
the same?  IGNORED are members that only GOT has."""
import json
import re
import sys


def plain(value):
    """A shortened value may have \\x5c where none is needed any more; Lua has
    one empty table for both."""
    if value in ({}, []):
        return []
    return value if not isinstance(value, str) else \
        re.sub(r"\\x5c", r"\\", value)


def differences(want, got, where=""):
    if isinstance(want, dict) and isinstance(got, dict):
        for key in sorted(set(want) | set(got)):
            if key not in want or key not in got:
                yield f"{where}.{key}: only " + \
                    ("wanted" if key in want else "there")
            else:
                yield from differences(want[key], got[key], f"{where}.{key}")
    elif isinstance(want, list) and isinstance(got, list) and \
            len(want) == len(got):
        for i, pair in enumerate(zip(want, got)):
            yield from differences(*pair, f"{where}[{i}]")
    elif want == [] and got == {}:
        return          # Lua does not tell the one from the other
    elif plain(want) != plain(got) or isinstance(want, str) != isinstance(got, str):
        yield f"{where}: {got!r}, wanted {want!r}"


def documents(path):
    with open(path, "rb") as file:
        return [json.loads(line) for line in file.read().split(b"\n")[:-1]]


def main(argv):
    want, got = documents(argv[1]), documents(argv[2])
    trouble = 0
    if len(want) != len(got) or not want:
        print(f"{len(want)} documents wanted, {len(got)} there")
        trouble = 1
    for number, pair in enumerate(zip(want, got), 1):
        for name in argv[3:]:
            pair[1].pop(name, None)
        for difference in differences(*pair):
            trouble += 1
            if trouble < 20:
                print(f"document {number}{difference}")
    print(f"{len(want)} documents, {trouble} differences")
    return 0 if trouble == 0 else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv))
