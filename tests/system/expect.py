# SPDX-License-Identifier: BSD-2-Clause
"""What a field must be.  match(seen, shortened) looks at the value as the
strict parser gave it; None stands for a field that is not there."""
import re

import shelltext

KERNEL_ARGS = 1024      # bytes of the arguments that the kernel keeps


def shortened_form(seen, whole):
    """Is seen the beginning and the end of whole, with a mark between?"""
    head, mark, tail = seen.partition(b"...")
    return mark and len(seen) < len(whole) and whole.startswith(head) and \
        whole.endswith(tail)


class Exactly:
    """This text; None: the field must not be there."""

    def __init__(self, value):
        self.value = None if value is None else str(value).encode() \
            if not isinstance(value, bytes) else value

    def match(self, seen, _):
        return seen == self.value

    def __repr__(self):
        return repr(self.value)


class Like:
    """A text that matches."""

    def __init__(self, pattern):
        self.pattern = pattern

    def match(self, seen, _):
        return seen is not None and re.fullmatch(self.pattern, seen.decode())

    def __repr__(self):
        return f"/{self.pattern}/"


class Where:
    """Whatever the function says yes to; may_lack: or nothing."""

    def __init__(self, what, test, may_lack=False):
        self.what = what
        self.test = test
        self.may_lack = may_lack

    def match(self, seen, _):
        return self.may_lack if seen is None else self.test(seen)

    def __repr__(self):
        return self.what


class Name:
    """Bytes that a process or a file is called; empty: not there."""

    def __init__(self, value):
        self.value = value

    def match(self, seen, shortened):
        if not self.value or seen is None:
            return seen is None and not self.value
        shown = shelltext.unescape(seen)
        return shown == self.value or \
            shortened and shortened_form(shown, self.value)

    def __repr__(self):
        return repr(self.value)


class Command:
    """A command line that a shell reads as these arguments."""

    def __init__(self, argv):
        self.argv = argv
        flat = b"".join(arg + b"\0" for arg in argv)
        self.length = len(flat)
        self.kept = argv
        if self.length > KERNEL_ARGS:
            self.kept = flat[:KERNEL_ARGS].split(b"\0")

    @property
    def whole(self):
        return self.length <= KERNEL_ARGS

    def match(self, seen, shortened):
        if seen is None or not self.argv:
            return seen is None and not self.argv
        if shortened:
            return shortened_form(seen, shelltext.quote(self.kept))
        try:
            return shelltext.words(seen) == self.kept
        except (shelltext.Odd, ValueError, IndexError):
            return False

    def __repr__(self):
        return repr(self.kept)


class Redacted:
    """A command line without its secret."""

    def __init__(self, secret):
        self.secret = secret

    def match(self, seen, _):
        return seen is not None and self.secret not in seen and \
            b"[redacted:%d]" % len(self.secret) in seen

    def __repr__(self):
        return f"without {self.secret!r}"


ABSENT = Exactly(None)
