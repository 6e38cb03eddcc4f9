# SPDX-License-Identifier: BSD-2-Clause
"""What a value of the log stands for, read back without the collector's code:
the \\xHH escapes, and command lines as a shell reads them."""
import re
import subprocess

SAFE = frozenset(b"@%_+=:,./-0123456789abcdefghijklmnopqrstuvwxyz"
                 b"ABCDEFGHIJKLMNOPQRSTUVWXYZ")
ANSI = {"\\": b"\\", "'": b"'", '"': b'"', "n": b"\n", "t": b"\t",
        "r": b"\r", "a": b"\a", "b": b"\b", "e": b"\x1b", "f": b"\f",
        "v": b"\v"}


class Odd(ValueError):
    """Text that is no command line."""


def unescape(value):
    """The bytes behind a name or a path."""
    return re.sub(rb"\\x([0-9a-fA-F]{2})",
                  lambda m: bytes([int(m[1], 16)]), value)


def ansi_c(text, at):
    """What is in $'...' from at on, and where it ends."""
    out = bytearray()
    while at < len(text) and text[at] != "'":
        if text[at] != "\\":
            out += text[at].encode("utf-8", "surrogateescape")
            at += 1
            continue
        char = text[at + 1:at + 2]
        if char == "x":
            out.append(int(text[at + 2:at + 4], 16))
            at += 4
        elif char in ANSI:
            out += ANSI[char]
            at += 2
        else:
            raise Odd(f"\\{char} in $'...'")
    if at >= len(text):
        raise Odd("$'... does not end")
    return bytes(out), at + 1


def word(text, at):
    """One word from at on, and where it ends; nothing is expanded."""
    out = bytearray()
    while at < len(text) and text[at] != " ":
        if text.startswith("$'", at):
            part, at = ansi_c(text, at + 2)
            out += part
        elif text[at] == "'":
            end = text.find("'", at + 1)
            if end < 0:
                raise Odd("' does not end")
            out += text[at + 1:end].encode("utf-8", "surrogateescape")
            at = end + 1
        elif text[at] == "\\":
            out += text[at + 1].encode()
            at += 2
        elif ord(text[at]) < 128 and ord(text[at]) in SAFE:
            out += text[at].encode()
            at += 1
        else:
            raise Odd(f"{text[at]!r} is not quoted")
    return bytes(out), at


def words(value):
    """The arguments that a shell would make of a command line."""
    text = value.decode("utf-8", "surrogateescape")
    args, at = [], 0
    while at <= len(text) and text:
        arg, at = word(text, at)
        args.append(arg)
        if at >= len(text):
            break
        at += 1
        if at == len(text):
            raise Odd("a blank at the end")
    return args


def clean(data, at):
    """Bytes of the character at data[at:] that may be shown; 0: none."""
    for length in (1, 2, 3, 4):
        try:
            char = data[at:at + length].decode("utf-8")
        except UnicodeDecodeError:
            continue
        code = ord(char) if len(char) == 1 else 0
        hidden = code < 0x20 or 0x7f <= code < 0xa0 or \
            0x2028 <= code <= 0x202e or 0x2066 <= code <= 0x2069
        return 0 if hidden else length
    return 0


def quote(args):
    """The command line that is promised for these arguments."""
    out = []
    for number, arg in enumerate(args):
        lengths, at = [], 0
        while at < len(arg):
            lengths.append(clean(arg, at))
            at += lengths[-1] or 1
        if arg and all(c in SAFE for c in arg) and \
                (number or b"=" not in arg):
            out.append(arg)
        elif all(lengths):
            out.append(b"'" + arg.replace(b"'", b"'\\''") + b"'")
        else:
            out.append(ansi_quote(arg))
    return b" ".join(out)


def ansi_quote(arg):
    out, at = bytearray(b"$'"), 0
    while at < len(arg):
        length = clean(arg, at)
        if not length:
            out += b"\\x%02x" % arg[at]
        else:
            if arg[at] in b"\\'":
                out += b"\\"
            out += arg[at:at + length]
        at += length or 1
    return bytes(out + b"'")


def prove_with_bash(lines):
    """[(cmd, argv)] -> those that bash itself reads differently.  Runs as
    nobody; printf is all that bash is told to run."""
    script = b"".join(b"printf '%s\\0' " + cmd + b"\nprintf '\\0\\0'\n"
                      for cmd, _ in lines)
    done = subprocess.run(
        ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
         "/bin/bash", "--norc", "--noprofile", "-r"], input=script, check=False,
        stdout=subprocess.PIPE, env={"LC_ALL": "C", "PATH": "/nonexistent"},
        executable="/usr/bin/setpriv", timeout=60)
    want = b"".join(b"".join(arg + b"\0" for arg in argv) + b"\0\0"
                    for _, argv in lines)
    return done.stdout == want
