# SPDX-License-Identifier: BSD-2-Clause
"""The hard conditions, one row each: a name, how often, a program for
`load`, and what the log must say beyond what holds for every connection.

In a program {kind} becomes an address and port that no other connection of
the run has; {kind:outcome|outcome} says what may come of it; {dir} is a
scratch directory of the case's own.  The program's words are in load.c."""
import dataclasses
import itertools
import re

import lab

FORGED = ('x"] <86>1 2026-01-01T00:00:00Z h pidtreed 1 CONNECT '
          '[event@32473 spid="1"]\n<86>1 - - - - - - forged\\')
NASTY = 'a\nb"c]d\\e\\x41 \x01\x7f\u20ac$(touch /nonexistent)`id`\'q'
LONG = 20_000
CONTAINER = 32 * "a1"
POD = "8f3c1e62-5a0d-4c1b-9d0e-27a1b6c4d5e6"
# Control groups as the runtimes name them: runtime, id, uid of the pod.
CONTAINERS = {
    f"/docker-{CONTAINER}.scope": ("docker", CONTAINER, None),
    f"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod"
    f"{POD.replace('-', '_')}.slice/cri-containerd-{CONTAINER}.scope":
        ("containerd", CONTAINER, POD),
    f"/kubepods/besteffort/pod{POD}/{CONTAINER}":
        ("kubernetes", CONTAINER, POD),
    f"/machine.slice/libpod-{CONTAINER}.scope/container":
        ("podman", CONTAINER, None),
    f"/machine.slice/libpod-conmon-{CONTAINER}.scope": None,
    "/machine.slice/machine-web\\x2d7.scope/payload":
        ("systemd-nspawn", "web-7", None),
    "/lxc.payload.web/system.slice/inner.service": ("lxc", "web", None),
}


def pct(text):
    """%HH for what a word of a program cannot hold; bytes or text."""
    data = text if isinstance(text, bytes) else text.encode()
    return "".join(chr(c) if chr(c).isalnum() else f"%{c:02x}" for c in data)


def pct_path(path):
    return path.replace("\\", "%5c")


@dataclasses.dataclass
class Want:
    """What the log must say of one connection: any of these outcomes, each
    the sequence of CONNECT and OUTCOME."""
    row: object
    dst: str
    dpt: int
    outcomes: list


class Targets:
    """Gives out destinations, each once."""

    def __init__(self):
        self.wants = {}
        self.numbers = {}

    def pick(self, kind):
        i = next(self.numbers.setdefault(kind, itertools.count()))
        ports = lab.PORTS[1] - lab.PORTS[0] + 1
        host, port = 1 + i // ports, lab.PORTS[0] + i % ports
        far = 3000 + i % 60000
        return {
            "up": (f"{lab.LIVE4}.{host}", port),
            "up6": (f"{lab.LIVE6}{host:x}", port),
            "mapped": (f"{lab.LIVE4}.{254 - i // ports}", port),
            "mptcp": (f"{lab.LIVE4}.{1 + i // 20}",
                      lab.PORTS_MPTCP[0] + i % 20),
            "refused": (f"{lab.LIVE4}.{1 + i % 254}", far),
            "refused6": (f"{lab.LIVE6}{1 + i % 254:x}", far),
            "own": (f"{lab.LIVE4}.{1 + i % 254}", 500 + i // 254),
            "hole": (f"203.0.113.{1 + i % 60}", far),
            "hole6": (f"2001:db8:b::{1 + i % 60:x}", far),
            "unreachable": (f"203.0.113.{65 + i % 60}", far),
            "unreachable6": (f"2001:db8:c::{1 + i % 60:x}", far),
            "prohibited": (f"203.0.113.{129 + i % 60}", far),
            "lonely": (f"203.0.113.{200 + i % 50}", far),
            "lonely6": (f"2001:db8:1::{100 + i % 90:x}", far),
            "self": (lab.CLIENT4, 20000 + i),
            "udp": (f"{lab.LIVE4}.{1 + i % 254}", 600 + i // 254),
            "udp6": (f"{lab.LIVE6}{1 + i % 254:x}", 600 + i // 254),
            "udpmapped": (f"{lab.LIVE4}.{1 + i % 254}", 700 + i // 254),
            "here": (lab.CLIENT4, 22000 + i),
            "here6": (lab.CLIENT6, 22000 + i),
        }[kind]

    def want(self, row, kind, outcomes):
        dst, dpt = self.pick(kind)
        if not outcomes:
            outcomes = "nomark" if row.kind != "CONNECT" else {
                        "refused": "refused", "hole": "timeout",
                        "unreachable": "unreachable",
                        "prohibited": "unreachable",
                        "lonely": "unreachable",
                        }.get(kind.rstrip("6"), "established")
        if (dst, dpt) in self.wants:
            raise AssertionError(f"{dst},{dpt} given out twice")
        want = Want(row, dst, dpt,
                    [text.split(">") for text in outcomes.split("|")])
        self.wants[dst, dpt] = want
        return want


@dataclasses.dataclass
class Row:
    name: str
    count: int
    program: str
    fields: dict = dataclasses.field(default_factory=dict)
    before: bool = False        # started before the collector
    slow: bool = False          # takes seconds of waiting, not of work
    kind: str = "CONNECT"       # its messages; or UDP, LISTEN
    needs: str = None           # a path without which the kernel cannot,
                                # netns:PATH in a new network namespace
    lines: int = 1
    status: tuple = (0,)
    argv: tuple = ("load",)

    def make(self, targets, places):
        """The program with its targets and places filled in; the wants."""
        wants = []

        def fill(match):
            kind, outcomes = match[1], match[2]
            if kind in places:
                return places[kind]
            if kind != "same":
                want = targets.want(self, kind, outcomes)
                wants.append(want)
            want = wants[-1]
            where = f"{want.dst},{want.dpt}"
            if kind.endswith("mapped"):
                return "::ffff:" + where
            if kind == "self":
                return f"{where},src={want.dst},sport={want.dpt}"
            return where
        program = re.sub(r"\{(\w+)(?::([^}]*))?\}", fill, self.program)
        return program, wants


URING = {"thread": "iou-.*"}
COPY = "copy={dir}/prog exec={dir}/prog"
EARLY = "mark={dir}/born await={dir}/go "

ROWS = [
    # who is behind it
    Row("plain", 60, "connect=block,{up}"),
    Row("plain6", 60, "connect=block,{up6}"),
    Row("exit-at-once", 80, "fork connect=leave,{up:established|aborted},bind"),
    Row("exit-after", 80, "fork connect=leaveblock,{up},bind"),
    Row("orphan", 60, "orphan connect=block,{up}"),
    Row("three-gone", 80, "orphan=3 connect=block,{up}"),
    Row("three-gone-exec", 60, "orphan exec orphan exec orphan exec "
        "connect=block,{up}"),
    Row("three-killed", 60, "fork=3 killup=3 connect=block,{up}",
        status=(0, -9)),
    Row("three-killed-exec", 40, "orphan exec fork comm=middle fork killup=2 "
        "connect=block,{up}", status=(0, -9)),
    Row("double-fork", 60, "fork orphan connect=block,{up}"),
    Row("subreaper", 60, "subreaper fork orphan connect=block,{up}"),
    Row("subreaper-far", 40, "subreaper fork=2 orphan=3 connect=block,{up}"),
    Row("clone-parent", 60, "fork cloneparent connect=block,{up}"),
    Row("clone-parent-orphan", 40, "fork cloneparent orphan "
        "connect=block,{up}"),
    Row("exec-chain", 60, "exec comm=second exec arg=third exec fork exec "
        "arg=fourth exec connect=block,{up}"),
    Row("vfork", 60, "vfork exec connect=block,{up}"),
    Row("vfork-orphan", 40, "orphan vfork exec orphan connect=block,{up}"),
    Row("thread", 60, "fork comm=leader thread comm=other connect=block,{up}"),
    Row("thread-exec", 60, "fork thread exec connect=block,{up}"),
    Row("thread-exec-fork", 40, "fork thread exec orphan exec "
        "connect=block,{up}"),
    Row("leader-gone", 60, "fork comm=leader leaderless awaitleader "
        "comm=survivor connect=block,{up}"),
    Row("leader-gone-fork", 40, "fork comm=leader leaderless awaitleader "
        "comm=survivor orphan connect=block,{up}"),
    Row("leader-gone-exec", 40, "copy={dir}/prog fork leaderless "
        "awaitleader exec={dir}/prog connect=block,{up}"),
    Row("pid-reused", 60, "fork reuse connect=block,{up} connect=block,{up}",
        status=(0, 4)),
    Row("deep-20", 20, "fork=20 connect=block,{up}"),
    Row("deep-100", 10, "fork=100 connect=block,{up}"),
    Row("dead-40", 10, "orphan=40 connect=block,{up}"),
    Row("dead-100", 10, "orphan=100 connect=block,{up}"),
    # ids
    Row("uid-changed", 60, "fork uid=65534 connect=block,{up}"),
    Row("uid-changed-twice", 40, "fork uid=1 exec orphan connect=block,{up}"),
    Row("uid-unknown", 40, "fork uid=54321 connect=block,{up}"),
    Row("euid", 40, "fork euid=2 connect=block,{up}"),
    Row("gid", 40, "fork gid=4 exec fork gid=12345 connect=block,{up}"),
    Row("gid-orphan", 40, "fork gid=4 orphan=2 exec gid=8 connect=block,{up}"),
    Row("gid-deep", 10, "gid=8 fork gid=9 fork gid=4 fork=36 "
        "connect=block,{up}"),
    Row("egid", 40, "fork egid=2 connect=block,{up}"),
    Row("uid-lost-parent", 40, "fork uid=65534 orphan=2 connect=block,{up}"),
    Row("loginuid", 40, "fork loginuid=2 exec fork connect=block,{up}"),
    Row("loginuid-orphan", 40, "fork orphan loginuid=65534 orphan uid=3 exec "
        "connect=block,{up}"),
    Row("cgroup-unit", 20, "cgroup={cgroup}/system.slice/pidtree-t.service "
        "fork connect=block,{up}"),
    Row("cgroup-container", 20, "fork cgroup={cgroup}/docker-" + CONTAINER
        + ".scope exec fork connect=block,{up}"),
    *(Row(f"cgroup-container-{n}", 5, f"fork cgroup={{cgroup}}{path} exec "
          "fork connect=block,{up}") for n, path in enumerate(
              pct_path(path) for path in CONTAINERS)),
    Row("cgroup-left", 20, "cgroup={cgroup}/system.slice/pidtree-t.service "
        "orphan cgroup={cgroup} connect=block,{up}"),
    # what it executes
    Row("argv-20k", 30, f"arg=prog pad={LONG} exec connect=block,{{up}}"),
    Row("argv-20k-parent", 20, f"arg=prog pad={LONG} exec fork exec "
        "connect=block,{up}"),
    Row("argv-many", 30, "arg=prog many=2500 exec orphan=2 exec "
        "connect=block,{up}"),
    Row("argv-none-empty", 20, "arg= arg= arg=x arg= exec connect=block,{up}"),
    Row("argv-nasty", 40, f"arg={pct(NASTY)} arg={pct(FORGED)} exec fork exec "
        "connect=block,{up}"),
    Row("argv-invalid", 40, f"arg=prog arg={pct(bytes(range(1, 256)))} "
        f"arg={pct(b'-')}%c0%80%ed%a0%80%f4%90%80%80%e2%82 exec "
        "connect=block,{up}"),
    Row("argv-bidi", 20, f"arg=prog arg={pct(chr(0x202e) + 'gpj.exe')} "
        f"arg=%c2%85%c2%9b31m%e2%80%a8 exec connect=block,{{up}}"),
    Row("argv-secret", 20, "arg=prog arg=%2d%2dpassword%3dhunter2hunter2 exec "
        "connect=block,{up}", {"redacted": "cmd"}),
    Row("comm-nasty", 40, f"fork comm={pct('a]b(1)<c;d' + chr(34))} orphan "
        f"comm={pct('x%c3 ' + chr(92) + 'x41' + chr(10))} "
        "connect=block,{up}"),
    Row("comm-invalid", 40, "fork comm=%ff%fe%0a%0d%1b%5b31m orphan "
        "comm=%e2%82%e2%82 connect=block,{up}"),
    Row("comm-forged", 40, f"comm={pct(FORGED[:15])} fork exec fork "
        f"comm={pct(FORGED[-15:])} connect=block,{{up}}"),
    Row("comm-empty", 10, "fork comm= orphan connect=block,{up}"),
    Row("path-nasty", 40, "copy={dir}/%0ax%22%5d%5c%5cx41%ff "
        "exec={dir}/%0ax%22%5d%5c%5cx41%ff connect=block,{up}"),
    Row("path-forged", 40, f"copy={{dir}}/{pct(FORGED.replace('/', '_'))} "
        f"exec={{dir}}/{pct(FORGED.replace('/', '_'))} orphan "
        "connect=block,{up}"),
    Row("memfd", 40, "memfd=hidden connect=block,{up}"),
    Row("memfd-orphan", 40, f"memfd={pct(NASTY)} orphan exec "
        "connect=block,{up}"),
    Row("deleted-before", 40, "gone={dir}/gone connect=block,{up}"),
    Row("deleted-after", 40, COPY + " unlink={dir}/prog orphan "
        "connect=block,{up}"),
    Row("relative", 40, "copy={dir}/zz chdir={dir} exec=./zz "
        "connect=block,{up}"),
    Row("relative-dots", 40, "copy={dir}/zz chdir={dir}/.. "
        "exec=./{base}/.././{base}/zz connect=block,{up}"),
    Row("script", 40, COPY + " script={dir}/run.sh arg=run.sh arg=one "
        "exec={dir}/run.sh connect=block,{up}"),
    Row("script-relative", 40, COPY + " script={dir}/run.sh chdir={dir} "
        "exec=./run.sh orphan connect=block,{up}"),
    # where it is
    Row("chroot", 30, "copy={dir}/jailed chroot={dir} exec=/jailed "
        "connect=block,{up}"),
    Row("mount-namespace", 30, "fork mounts={dir} copy={dir}/inside "
        "exec={dir}/inside connect=block,{up}"),
    Row("pivot-root", 30, "fork pivot={dir} exec=/load orphan "
        "connect=block,{up}"),
    Row("pid-namespace", 40, "fork pidns fork fork connect=block,{up}"),
    Row("pid-namespace-orphan", 40, "fork pidns fork fork orphan exec "
        "connect=block,{up}"),
    Row("user-namespace", 40, "fork uid=65534 userns connect=block,{up}",
        {"nsuid": "0"}),
    Row("user-namespace-exec", 40, "fork uid=65534 userns exec fork "
        "connect=block,{up}", {"nsuid": "0"}),
    Row("net-namespace", 40, "fork newnet={own} "
        "connect=block,{same}"),
    # how it connects
    Row("nonblock", 60, "connect=nonblock,{up}"),
    Row("nonblock6", 40, "connect=nonblock,{up6}"),
    Row("close-at-once", 60, "connect=start,{up:established|aborted}"),
    Row("close-early", 40, "connect=start,{hole:aborted}"),
    Row("close-early6", 40, "connect=start,{hole6:aborted}"),
    Row("fastopen", 40, "connect=fastopen,{up}"),
    Row("fastopen6", 20, "connect=fastopen,{up6}"),
    Row("fastopen-refused", 20, "connect=fastopen,{refused}"),
    Row("tfo-connect", 40, "connect=tfoconnect,{up} connect=tfoconnect,{up}"),
    Row("uring", 40, "connect=uring,{up}"),
    Row("uring6", 20, "connect=uring,{up6}"),
    Row("uring-async", 40, "connect=uringasync,{up}", URING),
    Row("uring-sqpoll", 20, "connect=sqpoll,{up}", URING),
    Row("mapped", 60, "connect=block,{mapped}"),
    Row("mapped-nonblock", 40, "connect=nonblock,{mapped}"),
    Row("one-socket", 30, "connect=block,{up},keep disconnect "
        "connect=block,{up},keep,reuse disconnect connect=block,{refused},"
        "keep,reuse connect=block,{up},reuse"),
    Row("shared-socket", 40, "socket fork comm=child connect=block,{up},"
        "reuse"),
    Row("shared-socket-orphan", 40, "socket orphan connect=block,{up},reuse"),
    Row("repair", 20, "connect=repair,{up:nomark},src=203.0.113.193", {"repair": "1"}),
    Row("bound", 40, "connect=block,{up},bind"),
    Row("self-connect", 10, "connect=block,{self}"),
    Row("mptcp", 20, "connect=mptcp,{mptcp},say,stay=700", slow=True, lines=2,
        needs="/proc/sys/net/mptcp/enabled"),
    Row("mptcp-orphan", 20, "orphan=2 connect=mptcp,{mptcp},say,stay=700",
        slow=True, lines=2, needs="/proc/sys/net/mptcp/enabled"),
    # what comes of it
    Row("refused", 60, "connect=block,{refused}"),
    Row("refused6", 40, "orphan connect=block,{refused6}"),
    Row("refused-nonblock", 40, "connect=nonblock,{refused}"),
    # (the router says so once a second at most: several wait for it)
    Row("unreachable", 10, "connect=block,{unreachable:unreachable|"
        "pending>unreachable}", slow=True),
    Row("unreachable6", 20, "connect=block,{unreachable6}"),
    Row("prohibited", 10, "connect=block,{prohibited:unreachable|"
        "pending>unreachable}", slow=True),
    # the caller takes the error from the socket before it closes it
    Row("prohibited-nonblock", 10, "connect=nonblock,{prohibited:unreachable|"
        "aborted|pending>unreachable|pending>aborted}", slow=True),
    Row("no-neighbour", 10, "connect=block,{lonely}", slow=True),
    Row("no-neighbour6", 10, "connect=block,{lonely6}", slow=True),
    Row("timeout", 10, "connect=block,{hole},timeout=1500", slow=True),
    Row("timeout6", 10, "orphan connect=nonblock,{hole6},timeout=1500",
        slow=True),
    Row("timeout-late", 10, "fork connect=block,{hole:pending>timeout},syn=2",
        slow=True),
    Row("killed", 20, "killafter=400 connect=block,{hole:aborted},bind"),
    Row("killed-late", 10, "killafter=6500 connect=block,"
        "{hole:pending>aborted},bind", slow=True),
    Row("killed-orphan", 20, "orphan=2 killafter=400 "
        "connect=block,{hole:aborted},bind"),
    Row("no-storage", 20, "fork newnet={own:nomark} "
        "sysctl=net/core/optmem_max,0 connect=block,{same}",
        needs="netns:/proc/sys/net/core/optmem_max"),
    # datagrams, and their end
    # (nobody is there: what follows on a connected socket may be refused)
    Row("udp", 60, "udp=connected,{udp}", kind="UDP"),
    Row("udp6", 40, "udp=connected,{udp6}", kind="UDP"),
    Row("udp-to", 40, "fork udp=to,{udp},n=2", {"cnt": 2}, kind="UDP"),
    Row("udp-to6", 20, "orphan udp=to,{udp6}", kind="UDP"),
    Row("udp-mapped", 40, "fork=2 orphan udp=to,{udpmapped}", kind="UDP"),
    Row("udp-many", 20, "udp=many,{udp},n=20", {"cnt": 20}, kind="UDP"),
    Row("udp-three-gone", 40, "orphan exec orphan exec orphan exec "
        "udp=connected,{udp}", kind="UDP"),
    Row("udp-thread", 40, "fork comm=leader thread comm=other "
        "udp=to,{udp}", kind="UDP"),
    Row("udp-shared", 40, "udpsocket=4 fork comm=child udp=to,{udp},reuse",
        kind="UDP"),
    Row("udp-uid", 20, "fork uid=65534 exec udp=connected,{udp}", kind="UDP"),
    # who listens
    Row("listen", 60, "listen={here}", kind="LISTEN"),
    Row("listen6", 20, "orphan listen={here6}", kind="LISTEN"),
    Row("listen-three-gone", 40, "orphan exec orphan exec orphan exec "
        "listen={here}", kind="LISTEN"),
    Row("listen-thread", 20, "fork comm=leader thread comm=other "
        "listen={here}", kind="LISTEN"),
    Row("listen-uid", 20, "fork uid=65534 exec listen={here}", kind="LISTEN"),
    Row("bind", 60, "bind={here}", {"proto": "UDP"}, kind="LISTEN"),
    Row("bind6", 20, "fork exec bind={here6}", {"proto": "UDP"},
        kind="LISTEN"),
    Row("bind-orphan", 40, "fork orphan=2 bind={here}", {"proto": "UDP"},
        kind="LISTEN"),
    # before the collector
    Row("before", 20, EARLY + "connect=block,{up}", before=True),
    Row("before-fork", 20, EARLY + "fork=2 connect=block,{up}", before=True),
    Row("before-orphan", 20, "fork=2 " + EARLY + "orphan=3 "
        "connect=block,{up}", before=True),
    Row("before-exec", 20, f"{COPY} arg=daemon arg={pct(NASTY)} exec fork "
        "uid=65534 " + EARLY + "connect=block,{up}", before=True),
    Row("before-thread", 20, "fork thread comm=worker " + EARLY +
        "connect=block,{up}", before=True),
    Row("before-leader-gone", 20, "fork comm=leader leaderless awaitleader "
        + EARLY + "connect=block,{up}", before=True),
    Row("before-gone", 20, "orphan=3 " + EARLY + "orphan connect=block,{up}",
        before=True),
    Row("before-script", 10, COPY + " script={dir}/run.sh arg=run.sh "
        "exec={dir}/run.sh " + EARLY + "fork connect=block,{up}",
        before=True),
    Row("before-argv-20k", 10, f"arg=prog pad={LONG} exec " + EARLY +
        "connect=block,{up}", before=True),
    Row("before-title", 10, f"{COPY} arg=d arg=-D exec "
        "title=d:%20the%20listener,%200%20of%2010-100%20startups " + EARLY +
        "fork connect=block,{up}", before=True),
    Row("before-chroot", 10, "copy={dir}/jailed fork chroot={dir} "
        "exec=/jailed mark=/born await=/go connect=block,{up}", before=True),
]
