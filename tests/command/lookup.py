# SPDX-License-Identifier: BSD-2-Clause
"""Cases of `pidtree lookup`: logs that are made, what is asked, and what the
answer must be.  usage: lookup.py PIDTREE, in an empty directory."""
import datetime
import gzip
import json
import re
import signal
import subprocess
import sys
import time

import messages
from messages import Log, START, finding, seconds

PIDTREE = sys.argv[1]
HOUR = 3600
WHEN = START + seconds(2 * HOUR)        # of the connection in question
OTHER = "198.51.100.9"
failed = []


def write(logs, *more):
    """Logs, or texts of them, into a directory, which stands for all."""
    name = f"logs{write.n}"
    write.n += 1
    subprocess.run(["mkdir", name], check=True)
    for i, log in enumerate((logs, *more)):
        with open(f"{name}/{i}.log", "w", encoding="utf-8",
                  errors="surrogateescape") as stream:
            stream.write(log if isinstance(log, str) else log.text())
    return name


write.n = 0


def run(logs, text, *options):
    words = [PIDTREE, "lookup", *options]
    if logs:
        words += ["--log", logs]
    if "--json" not in options and "--width=0" not in options:
        words += ["--width=80"]
    done = subprocess.run(words, input=text.encode(), timeout=60,
                          capture_output=True, check=False)
    done.text = done.stdout.decode("utf-8", errors="surrogateescape")
    done.flat = re.sub(r"\s+", " ", done.text)
    return done


def fail(name, what, done):
    failed.append(name)
    print(f"FAILED: {name}: {what}\n{done.text}{done.stderr.decode()}")


def expect(name, done, code, *patterns, wide=True):
    """All of the patterns, none of those that begin with a !."""
    if done.returncode != code:
        fail(name, f"exit {done.returncode}, expected {code}", done)
    for pattern in patterns:
        no = pattern.startswith("!")
        if bool(re.search(pattern[no:], done.flat)) == no:
            fail(name, f"{'' if no else 'not '}found: {pattern[no:]}", done)
    for line in done.text.splitlines():
        line = re.sub("\x1b\\[[0-9;]*m", "", line)
        if len(line) > 80 and wide and not line.startswith("{"):
            fail(name, f"over 80 columns: {line}", done)
    if re.search("benign|false positive", done.text, re.I):
        fail(name, "it judges", done)
    return done


def usual(log=None):
    """Recorded from 08:00 to 12:00, nothing lost; the job at 10:00."""
    log = log or Log()
    log.start().describe().wait(HOUR).stats().wait(HOUR)
    return log


def whole(log, *after):
    """The rest of it."""
    for step in after:
        step(log)
    return log.wait(HOUR).stats().wait(HOUR).own("STOP", version="0.1.0")


def ask(name, code, log, one, *patterns, options=()):
    return expect(name, run(write(log), messages.lines(one), *options), code,
                  *patterns)


PROVEN = "coverage: complete, "
DOUBT = "coverage: this proves nothing: "


def matches():
    log = whole(usual().connect())
    ask("exact", 0, log, finding(WHEN), "match: exact; 1 connection of 1 "
        "lineage on web-7", PROVEN, "/usr/sbin/cron -f", "/usr/bin/curl -sS",
        "established, 2026-11-20 10:00:00Z, unit cron.service",
        r"no, new on this host and in these logs \(recorded from "
        r"2026-11-20 08:00:00Z on\)")
    ask("port", 0, log, finding(WHEN, spt=1), "match: port; 1 connection")
    ask("address", 0, log, finding(WHEN, dpt=80), "match: address; 1 conn")
    ask("slack", 0, log, finding(WHEN - seconds(899)), "match: exact")
    ask("beyond slack", 1, log, finding(WHEN + seconds(901), spt=2),
        "match: none", PROVEN, "but outbound to this address 1 time since "
        "2026-11-20 10:00:00Z, the last ")
    ask("own slack", 1, log, finding(WHEN + seconds(20), spt=2),
        "match: none", PROVEN, options=("--slack", "10s"))
    ask("none", 1, log, finding(WHEN, dst=OTHER), "match: none", PROVEN,
        "!but outbound")
    ask("open before", 0, log, finding(WHEN + seconds(3000)),
        "match: open-before", "may still have been open")
    other = Log(boot="00000001")
    other = whole(usual(other).connect())
    other.restart(boot="00000002").wait(HOUR).stats().wait(HOUR).stats()
    ask("open before the boot", 1, other,
        finding(WHEN + seconds(3.5 * HOUR)), "match: none", PROVEN)
    closed = whole(usual().connect().wait(1.5).close())
    ask("closed", 0, closed, finding(WHEN), "match: exact",
        "closed after 1500 ms, 5120 bytes in, 734 bytes out")
    ask("closed before", 1, closed, finding(WHEN + seconds(3000)),
        "match: none", PROVEN)
    ask("closed in the window", 0,
        whole(usual().connect().wait(3000).close()),
        finding(WHEN + seconds(3000)), "match: open-before",
        "opened before the window and closed later")
    ask("not the end of a word", 1, whole(usual().connect(dst="203.0.113.40")),
        finding(WHEN), "match: none")
    six = {"dst": "64:ff9b::cb00:7104", "src": "2001:db8:7::17"}
    ask("NAT64", 0, whole(usual().connect(nat64=messages.DST, **six)
        .wait(1.5).close(**six)), finding(WHEN), "match: exact",
        "closed after 1500 ms")
    six = finding(WHEN)
    action = six["service"]["action"]["networkConnectionAction"]
    action["remoteIpDetails"] = {"ipAddressV6": "2001:DB8:0::4"}
    ask("IPv6", 0, whole(usual().connect(dst="2001:db8::4",
                                         src="2001:db8:7::17")), six,
        r"match: exact; .*-> \[2001:db8::4\]:443/tcp")
    ask("not readable", 3, whole(usual().connect(src="2001:db8::1")),
        finding(WHEN), "match: none", DOUBT + "a message of web-7 about it, "
        "2026-11-20 10:00:00Z, cannot be read: ")


def hosts():
    log = whole(usual(Log(host="web-7.id")).connect())
    ask("host by address", 0, log, finding(WHEN),
        r"on web-7 \(found by its address\)")
    ask("host by name", 0, log, finding(WHEN, addresses=(),
                                        name="web-7.example.net"),
        r"on web-7 \(found by its name\)")
    bare = Log(host="0a1b2c3d").start().wait(HOUR).stats().wait(HOUR)
    bare = whole(bare.connect())
    ask("host by its connections", 0, bare, finding(WHEN), "match: exact",
        r"on web-7 \(found by its connections\)", "!not complete")
    ask("connections of another address", 3, bare,
        finding(WHEN, addresses=("10.0.3.18",)), "match: none",
        DOUBT + "this host is not in these logs")
    ask("no host asked", 0, log, finding(WHEN, addresses=(), host=None),
        "match: exact", "web-7 root")
    log = whole(usual(Log(host="i-0aaaaaaaaaaaaaaaa")).connect())
    ask("address of another instance", 3, log, finding(WHEN), "match: none",
        DOUBT + "this host is not in these logs", "but outbound to this "
        "address 1 time since .* on 1 host, not this one, the last ")
    ask("empty logs", 3, "", finding(WHEN), DOUBT + "this host is not in")
    ask("lines of others", 3, "Nov 20 web-7 sshd[1]: x\n", finding(WHEN),
        DOUBT)


def coverage():
    none = finding(WHEN, dst=OTHER)

    def doubt(name, log, why):
        ask(name, 3, log, none, "match: none", DOUBT + why)

    doubt("gap", whole(usual().connect().skip(3).connect()),
          "3 messages are missing: sequenceId 5 to 7 of pidtreed.712. on web-7")
    ask("gap elsewhere", 1, whole(usual().connect()).skip().wait(HOUR).stats(),
        none, PROVEN)
    doubt("lost", whole(usual().own("LOST", cause="attempts_full", cnt=2,
                                    attempts_full=2)),
          "2 events were lost on web-7 until 2026-11-20 10:00:00Z: attempts_f")
    ask("lost detail", 1, whole(usual().own("LOST", cause="no_args", cnt=2,
                                            no_args=2)), none, PROVEN)
    doubt("clock", whole(usual().own("CLOCK", before=messages.stamp(
        WHEN - seconds(120)), after=messages.stamp(WHEN))),
        "the clock of web-7 was stepped by 120 s")
    ask("small step", 1, whole(usual().own("CLOCK", before=messages.stamp(
        WHEN - seconds(1)), after=messages.stamp(WHEN))), none, PROVEN)
    log = Log()
    log.start().describe(forwarding=1).wait(HOUR).stats().wait(HOUR)
    doubt("forwards", whole(log), "web-7 forwards for others")
    doubt("begins later", Log(when=WHEN).start().wait(HOUR).stats(),
          "no collector ran on web-7 before 2026-11-20 10:00:00Z")
    doubt("cut in front", Log(when=WHEN).skip(40).stats().wait(HOUR).stats(),
          "these logs have nothing of web-7 before 2026-11-20 10:00:00Z")
    doubt("ends earlier", usual().connect(),
          "these logs have nothing of web-7 after 2026-11-20 10:00:00Z")
    doubt("stopped", usual().own("STOP", version="1"), "the collector on "
          "web-7 stopped at 2026-11-20 10:00:00Z and was not started again")
    log = usual().own("STOP", version="1").wait(60).restart()
    doubt("stopped for a minute", whole(log), "no collector ran on web-7 "
          "from 2026-11-20 10:00:00Z to 2026-11-20 10:01:00Z")
    doubt("crashed", whole(usual().wait(60).restart()),
          "no collector ran on web-7 from 2026-11-20 09:00:00Z to 2026-11-20 "
          r"10:01:00Z \(it ended without STOP\)")
    ask("taken over", 1, whole(usual().wait(60).restart("adopted")), none,
        PROVEN)
    excluding = messages.FILTER.replace(
        "192.168", "198.51.100.0/24 only 80-443 192.168")
    doubt("filter", whole(usual().stats(excluding, msgid="RELOAD")),
          "the filter of web-7 did not log 198.51.100.9 port 443")
    ask("filter later", 1, whole(usual()).stats(excluding, msgid="RELOAD"),
        none, PROVEN)
    ask("other port", 1, whole(usual().stats(excluding, msgid="RELOAD")),
        finding(WHEN, dst=OTHER, dpt=8443), PROVEN)
    log = Log()
    log.start(excluding).wait(HOUR).stats(excluding).wait(HOUR)
    log.stats(msgid="RELOAD")
    doubt("filter till then", whole(log), "the filter of web-7 did not log")
    doubt("filter of containers", whole(usual().stats(
        messages.FILTER + "; containers exclude name=build-* | pod=x",
        msgid="RELOAD")),
        r"the filter of web-7 did not log those of some containers: "
        r"exclude name=build-\* \| "
        r"pod=x \(in force at")
    later = finding(WHEN.replace(year=2190), dst=OTHER)
    ask("not yet", 3, whole(usual()), later, "match: none", DOUBT +
        "the window begins at 2190-11-20 09:45:00Z, it is only 20")
    doubt("filter cut off", whole(usual().stats(
        messages.FILTER[:60] + " ...", msgid="RELOAD")),
        "what the filter of web-7 logged .* is not known")
    doubt("probe", whole(usual().stats(probes="fork,exec,exit,pass",
                                       msgid="RELOAD")),
          r"outbound connections: the probe that logs them \(connect, "
          r"messages CONNECT\) was not active on web-7")
    log = Log().skip().describe().wait(2 * HOUR).describe().wait(HOUR)
    doubt("nothing says the filter", log.describe(),
          "what pidtreed.712. on web-7 logged is not known")


def hidden():
    """What rules left out: by what STATS and its like say of it."""
    none = finding(WHEN, dst=OTHER)

    def stats(log, n=HOUR, **more):
        return log.stats(start=messages.stamp(log.when - seconds(n)), **more)

    def ends(*told):
        """Hours, each with what STATS say after it."""
        log = usual()
        for more in told:
            stats(log.wait(HOUR), **more)
        return log

    quiet = {"drops": "noise=0", "digests": "often=0"}
    ask("rules that dropped nothing", 1, ends(quiet, quiet, quiet), none,
        PROVEN)
    ask("dropped", 3, ends({"drops": "noise=12; other=0; more=1"}, quiet,
                           quiet), none, "match: none", DOUBT +
        "rules on web-7 dropped connections from 2026-11-20 10:00:00Z to "
        r"2026-11-20 11:00:00Z: noise \(12\), more \(1\)", "!other")
    ask("not all are named", 3, ends({"drops": "noise=0; ..."}, quiet, quiet),
        none, DOUBT + "rules on web-7 dropped connections .*: \\.\\.\\.")
    ask("dropped later", 1, ends(quiet, quiet, {"drops": "noise=12"}), none,
        PROVEN)
    ask("counted, and an hour is over", 1, ends({"digests": "often=5"}, quiet,
                                                quiet, quiet), none, PROVEN)
    ask("counted, and not told yet", 3, ends({"digests": "often=5"}), none,
        DOUBT + "rules on web-7 counted connections from .* that no DIGEST "
        r"here tells of: often \(5\)")
    log = ends({"digests": "often=5"}).own("STOP", **quiet).wait(1)
    ask("counted, told by STOP", 1, whole(log.restart("adopted")), none,
        PROVEN)
    log = usual(Log(when=WHEN - seconds(4 * HOUR))).stats(drops="noise=0")
    ask("what was dropped is not told", 3, log.wait(HOUR + 1000).describe(),
        finding(log.when - seconds(60), dst=OTHER), "; there are rules "
        "on web-7 that drop, and what they dropped after .* is not told")


def counted():
    """What a DIGEST says was not logged one by one."""
    one, other = finding(WHEN, dst=OTHER), finding(WHEN, dst="192.0.2.9")
    log = whole(usual().digest())
    ask("counted", 3, log, one, "match: none", DOUBT + "940 connections to "
        "198.51.100.0/24 port 443 were counted on web-7, not logged one by "
        "one, from 2026-11-20 09:59:00Z to 2026-11-20 10:00:00Z: "
        "scan.4000.<cron.500.")
    ask("counted elsewhere", 1, log, other, "match: none", PROVEN)
    ask("counted to another port", 1, log, finding(WHEN, dst=OTHER, dpt=80),
        "match: none", PROVEN)
    ask("counted at another time", 1, whole(usual(Log(
        when=WHEN - seconds(4 * HOUR))).digest()).wait(HOUR).stats().wait(
            2 * HOUR).stats(), one, "match: none", "!were counted")
    ask("counted of another protocol", 1, whole(usual().digest(proto="UDP")),
        one, "match: none", PROVEN)
    ask("questions counted", 1, whole(usual().digest(act="ask", proto="TCP")),
        one, "match: none", PROVEN)
    ask("listened, and counted", 1, whole(usual().digest(act="listen")),
        one, "match: none", PROVEN)
    ask("counted and logged", 0, whole(usual().connect(dst=OTHER).digest()),
        one, "match: exact", "940 connections")


def other_findings():
    log = whole(usual().connect())
    ask("inbound", 3, log, finding(WHEN, dst=OTHER, direction="INBOUND"),
        "match: none", DOUBT + "listening ports: the probe that logs "
        r"them \(listen,snapshot, messages LISTEN\) was not active on web-7")
    ask("inbound, but", 0, log, finding(WHEN, direction="INBOUND"),
        "outbound ones: the finding is about listening ports",
        "coverage: not complete")
    ask("UDP", 3, log, finding(WHEN, dst=OTHER, proto="UDP"),
        DOUBT + r"datagrams: the probe that logs them \(udp")
    ask("UDP, but", 0, log, finding(WHEN, proto="UDP"), "match: address",
        "!match: port")
    expect("UDP asked", run(write(log), "", "--dst", messages.DST,
                            "--proto=udp"), 3, "match: none")
    many = messages.lines(*[messages.dns(WHEN, f"{n}.example")
                            for n in range(9)])
    done = run(write(log), many, "--json")
    late = [bool(re.search("first 8 findings", line))
            for line in done.text.splitlines()]
    if late != 8 * [False] + [True]:
        fail("nine names", f"which were not looked for: {late}", done)
    ask("DNS", 3, log, messages.dns(WHEN, "evil.example"),
        DOUBT + "DNS requests: the probe")
    ask("DNS, named", 0, log, messages.dns(WHEN, "vault.example.net"),
        "match: name; 1 connection", "/usr/bin/curl")
    ask("nothing of a host", 3, log, messages.iam(WHEN),
        r"skipped: .*ListBuckets")
    sample = finding(WHEN)
    sample["service"]["additionalInfo"] = {"sample": True}
    done = ask("sample", 0, log, sample)
    if not done.text.startswith("AWS's sample finding: "):
        fail("sample", "not in the first line", done)


def listening():
    """Inbound connections and port probes: who listens there."""
    sshd = [("sshd", 0, "root", "/usr/sbin/sshd", "sshd: /usr/sbin/sshd -D"),
            messages.SYSTEMD]
    nginx = [("nginx", 33, "www-data", "/usr/sbin/nginx", "nginx"),
             messages.SYSTEMD]
    force = {"probes": messages.LISTEN_PROBES,
             "listenFilter": messages.LISTEN_FILTER}

    def recorded(text=messages.LISTEN_FILTER):
        force["listenFilter"] = text
        log = Log().start(**force).describe()
        return log.listen(22, sshd, snapshot=1).listen(
            443, nginx, src="10.0.3.17", pid=900)

    def full(log):
        return log.wait(HOUR).stats(**force).wait(2 * HOUR).stats(**force)

    into = finding(WHEN, dst=OTHER, spt=22, dpt=50000, direction="INBOUND")
    log = full(recorded())
    ask("inbound to a listener", 0, log, into, "match: open-before; 1 lineage "
        "listens on web-7; it began before the window",
        r"root\(0\) listens on \*:22/tcp, told .*, begun before", "/usr/sbin/sshd",
        "systemd", "coverage: complete, 2026-11-20 08:00:00Z", "!seen before")
    ask("port probe", 0, log, messages.probe(WHEN, 443),
        "match: open-before; 1 lineage listens", r"www-data\(33\) listens on "
        r"10.0.3.17:443/tcp", "!sshd")
    ask("nothing listens", 1, log, messages.probe(WHEN, 8080),
        "match: none: nothing is logged to listen there", PROVEN)
    again = full(recorded()).listen(22, sshd, snapshot=1)
    ask("told inside", 0, again.text() + again.wait(HOUR).stats(
        **force).text(), finding(WHEN + seconds(HOUR), dst=OTHER, spt=22,
                                 direction="INBOUND"),
        "match: port; 1 lineage listens on web-7; told inside the window",
        "told 2 times")
    came = recorded().wait(2 * HOUR)
    for spt in (50000, 50001):
        came.accept(spt, 22, sshd, src=OTHER)
    came.accept(50000, 22, nginx, src="192.0.2.99", pid=900)
    came.accept(50000, 443, nginx, src=OTHER, pid=900)
    came = came.wait(2 * HOUR).stats(**force)
    ask("inbound, accepted", 0, came, into, "match: exact; 2 inbound "
        "connections to 1 lineage on web-7",
        r"root\(0\) accepted 10.0.3.17:22/tcp established from "
        rf"{OTHER}:50000, 2 times",
        "/usr/sbin/sshd", "systemd", "coverage: complete", "!nginx",
        "!listens", "!seen before")
    ask("port probe, accepted", 0, came, messages.probe(WHEN, 443),
        "match: (port|open-before); 1 ")
    ask("accepted before", 0, came, finding(
        WHEN + seconds(HOUR), dst=OTHER, spt=22, direction="INBOUND"),
        "match: open-before; 1 lineage listens")
    answer = json.loads(ask("accepted, as JSON", 0, came, into,
                            options=("--json",)).text)
    if not answer["lineages"][0]["accepts"] or answer["connections"] != 2:
        fail("accepted, as JSON", "it accepts", answer)
    ask("on another address", 1, full(recorded().listen(
        8080, nginx, src="10.9.9.9")), messages.probe(WHEN, 8080), PROVEN)
    ask("another boot", 1, full(recorded()).restart(
        boot="00000002", **force).wait(HOUR).stats(**force).wait(
            HOUR).stats(**force).text(),
        messages.probe(WHEN + seconds(2 * HOUR), 22), "match: none")
    ask("filtered", 3, full(recorded(messages.LISTEN_FILTER.replace(
        "exclude", "exclude 10.0.0.0/8"))), messages.probe(WHEN, 8080),
        DOUBT + "the filter of web-7 did not log 10.0.3.17 port 8080")
    late = Log().skip(5).stats(**force).describe()
    ask("no START", 3, full(late), messages.probe(WHEN, 8080),
        "no START of web-7 is in these logs before")
    ask("UDP inbound", 3, log, finding(WHEN, dst=OTHER, spt=53, proto="UDP",
                                       direction="INBOUND"),
        DOUBT + r"ports bound for UDP: the probe")
    answer = json.loads(ask("as JSON", 0, log, into,
                            options=("--json",)).text)
    if not answer["lineages"][0]["listens"]:
        fail("as JSON", "it listens", answer)


def names():
    """Findings about DNS requests, and --domain: who asked, and what was
    connected to under the name."""
    web = [("curl", 33, "www-data", "/usr/bin/curl", "curl -s evil"),
           ("sh", 33, "www-data", "/usr/bin/dash", "sh -c x"),
           ("webd", 33, "www-data", "/usr/sbin/webd", "webd"),
           messages.SYSTEMD]
    resolved = [("systemd-resolve", 991, "systemd-resolve",
                 "/usr/lib/systemd/systemd-resolved", "resolved"),
                messages.SYSTEMD]
    force = {"probes": messages.DNS_PROBES}
    evil = messages.dns(WHEN, "Evil.Example.")

    def recorded():
        return Log().start(**force).describe().wait(HOUR).stats(
            **force).wait(HOUR)

    def full(log):
        return log.wait(HOUR).stats(**force).wait(HOUR).stats(
            **force).wait(HOUR).own("STOP", version="0.1.0")

    log = full(recorded().ask("evil.example", web).connect(
        web, unit="cron.service", dhost="evil.example", dhostsource="dns",
        pid=4242).connect(web, unit="cron.service", dst=OTHER, pid=4242))
    done = ask("asked and connected", 0, log, evil,
               "match: exact; 1 question of 1 lineage, 1 connection to the "
               "name on web-7", r"www-data\(33\) asked 10.0.0.2:53/udp for "
               "evil.example A: NOERROR 203.0.113.4, 2026-11-20 10:00:00Z",
               "/usr/sbin/webd", "then connected to that name: "
               "203.0.113.4:443 ", "seen before. no, new on this host",
               "its processes in the window: 198.51.100.9:443 ",
               "coverage: complete, .* nothing lost, its probe was active")
    if len(done.text.splitlines()) > 24:
        fail("asked and connected", "over 24 lines", done)
    expect("--domain", run(write(log), "", "--domain=EVIL.example"), 0,
           "^questions for a name evil|EVIL", "match: exact; 1 question",
           "then connected to that name: 203.0.113.4:443 ", PROVEN)
    expect("--domain and --dst", run(write(log), "", "--domain=evil.example",
                                     f"--dst={messages.DST}"), 0,
           "match: address; 1 connection of 1 lineage")
    expect("--domain and another --dst", run(
        write(log), "", "--domain=evil.example", f"--dst={OTHER}"), 1,
        "match: none", PROVEN)
    expect("--domain of another user", run(
        write(log), "", "--domain=evil.example", "--user=nobody"), 1,
        "match: none: nobody asked for it", PROVEN)
    expect("above", run(write(log), "", "--domain=example"), 0,
           "match: name; 1 question of 1 lineage")
    answer = json.loads(ask("asked, as JSON", 0, log, evil,
                            options=("--json",)).text)
    first, second = answer["lineages"]
    if (answer["questions"], answer["connections"]) != (1, 1) or \
            not first["asks"] or second["match"] != "dhost" or \
            second["to"][0]["address"] != messages.DST or \
            first["event"]["dns"]["question"]["name"] != "evil.example":
        fail("asked, as JSON", "wrong", done)
    ask("another name", 1, log, messages.dns(WHEN, "notevil.example"),
        "match: none: nobody asked for it in the window", PROVEN)
    ask("another time", 1, log, messages.dns(WHEN + seconds(1.9 * HOUR),
                                             "evil.example"),
        "match: none", "but asked for 1 time since 2026-11-20 10:00:00Z",
        PROVEN)
    ask("in the hour before", 0, log, messages.dns(
        WHEN + seconds(HOUR), "evil.example"), "match: open-before",
        "in the hour before the window, in which further questions are only "
        "counted")
    later = recorded().ask("evil.example", web).wait(HOUR)
    later.ask("evil.example", web, "DIGEST", start=messages.stamp(WHEN),
              end=messages.stamp(later.when - seconds(60)), cnt=7)
    ask("counted", 0, full(later), messages.dns(
        WHEN + seconds(0.9 * HOUR), "evil.example"),
        "match: exact; 8 questions of 1 lineage",
        "NOERROR 203.0.113.4, 8 times 2026-11-20 10:00:00Z to 10:59:00Z")
    ask("by a resolver", 0, full(recorded().ask(
        "evil.example", resolved, resolver=1, unit="r.service").ask(
            "evil.example", web, dst="127.0.0.53")), evil,
        "2 questions of 2 lineages", r"www-data\(33\) asked 127.0.0.53.*"
        r"systemd-resolve\(991\) answers questions, asked 10.0.0.2")
    ask("connected by another", 0, full(recorded().ask(
        "evil.example", resolved, resolver=1).connect(
            web, dhost="evil.example")), evil, "1 question of 1 lineage, "
        "1 connection to the name", "then connected to that name: nothing",
        "-> 203.0.113.4:443/tcp.* established, .*/usr/sbin/webd")
    ask("connected alone", 0, full(recorded().connect(
        web, dhost="evil.example")), evil, "match: dhost; 1 connection",
        "outbound ones: the finding is about DNS requests")
    old = Log(when=START - datetime.timedelta(days=3), procid=1)
    old.start(**force).ask("evil.example", web).ask("other.example", web)
    expect("asked before", run(write(old, log), messages.lines(evil)), 0,
           "seen before. this lineage asking for it 1 time since 2026-11-17 "
           "08:00:00Z; for any name 2 times since ")
    odd = r"a\x2e\x5c.example"
    expect("odd bytes", run(write(old.ask(odd, web), full(recorded().ask(
        odd, web))), "", f"--domain={odd}", "--since=2026-11-20"), 0,
        "match: exact", "asking for it 1 time since 2026-11-17")
    for name, one, why in (
            ("many names", recorded().digest(
                act="ask", dpt=53, net="0.0.0.0/0"),
             "940 questions for many names were counted on web-7"),
            ("lost", recorded().own("LOST", cause="dns_odd", cnt=2,
                                    dns_odd=2),
             "2 events were lost on web-7 until .*: dns_odd"),
            ("switched off", recorded().stats(msgid="RELOAD"),
             r"DNS requests: the probe that logs them \(dns, messages DNS")):
        ask(f"no, {name}", 3, full(one), evil, "match: none", DOUBT + why)
    ask("no, and logs begin late", 3, Log(when=WHEN - seconds(1200)).skip(
        9).stats(**force).wait(2400).stats(**force), evil, "match: none",
        DOUBT + "these logs have nothing of web-7 before .*: what was asked "
        "for by then was counted for an hour")
    log = full(recorded().digest(act="ask", dpt=53).own(
        "LOST", cause="dns_full", cnt=2, dns_full=2))
    ask("questions that were counted are no connections", 1, log,
        finding(WHEN, dst=OTHER, dpt=53), "match: none", PROVEN)


def before():
    """Nights before, on two hosts; a day before, a second lineage."""
    nights = Log(when=START - datetime.timedelta(days=5), procid=1)
    nights.start()
    for _ in range(4):
        nights.connect(spt=1000 + nights.n).connect(dst="203.0.113.77")
        nights.wait(86400)
    elsewhere = Log(host="i-0bbbbbbbbbbbbbbbb", name="db-1", procid=5,
                    when=START - datetime.timedelta(days=2)).start()
    shell = [messages.CURL, messages.SH, messages.SYSTEMD]
    elsewhere.connect().connect(shell, unit="ssh.service")
    today = whole(usual().connect(pid=77).connect(dst=OTHER, pid=77)
                  .connect(shell, spt=9, unit="ssh.service"))
    logs = write(nights, elsewhere, today, today)
    ask_ = messages.lines(finding(WHEN))
    expect("seen before", run(logs, ask_), 0,
           "match: exact; 2 connections of 2 lineages",
           "this lineage to this destination 5 times since 2026-11-15 "
           "08:00:00Z on 2 hosts; to its /24 9 times since 2026-11-15 "
           "08:00:00Z on 2 hosts; anywhere 9 times",
           r"no, new on this host \(recorded from 2026-11-15 08:00:00Z on\); "
           "elsewhere: this lineage to this destination 1 time since "
           "2026-11-18 08:00:00Z on 1 host, not this one",
           "its processes in the window: 198.51.100.9:443 ")
    done = run(logs, ask_, "--json")
    answer = json.loads(done.stdout)
    first, second = answer["lineages"]
    good = (answer["match"] == "exact" and answer["connections"] == 2 and
            first["before"]["destination"]["count"] == 5 and
            first["before"]["destination"]["hosts"] == 2 and
            not first["new_on_host"] and second["new_on_host"] and
            not second["new_in_logs"] and answer["coverage"]["complete"] and
            first["event"]["destination"]["ip"] == messages.DST and
            answer["host"]["found_by"] == "id")
    if not good:
        fail("seen before, JSON", "wrong", done)


def outcomes():
    log = usual().connect(outcome="pending").outcome("timeout")
    log.connect(spt=2, outcome="pending").connect(spt=3)
    log.connect(spt=4, outcome="pending").outcome("established")
    ask("outcomes", 0, whole(log), finding(WHEN), "4 times "
        r"\(2 established, 1 pending, 1 not established\)")


def forwarders():
    proxy = usual(Log(host="i-0cccccccccccccccc", name="proxy"))
    squid = [("squid", 13, "proxy", "/usr/sbin/squid", "squid -N"),
             messages.SYSTEMD]
    proxy = whole(proxy.connect(squid, unit="squid.service"))
    client = Log(host="i-0dddddddddddddddd", name="app-3", procid=9)
    client.start().wait(2 * HOUR - 1)
    alice = [("curl", 1000, "alice", "/usr/bin/curl", "curl x"),
             messages.SYSTEMD]
    client.connect(alice, dst="10.0.3.17", dpt=3128, src="10.0.3.99")
    one = finding(WHEN, host="i-0cccccccccccccccc")
    expect("forwarder", run(write(proxy, client), messages.lines(one)), 0,
           "squid forwards for others; connected to its host in the window: "
           r"app-3 alice\(1000\) /usr/bin/curl")
    expect("forwarder alone", run(write(proxy), messages.lines(one)), 0,
           "squid forwards for others: who asked it is not in these logs")
    gate = whole(usual().connect([("gate", 1, "x", "/opt/our-gateway", "g"),
                                  messages.SYSTEMD]))
    logs, one = write(gate), messages.lines(finding(WHEN))
    files = {"adds": "lookup: {forwarders+: [x, our-gateway]}",
             "replaces": "lookup:\n  forwarders: [our-gateway]",
             "other": "lookup: {forwarders: [squid]}\nfacility: local0",
             "path": "lookup: {forwarders+: [/opt/our-gateway]}",
             "broken": "lookup:\n  forwarder: [our-gateway]"}
    for name, text in files.items():
        with open(f"{name}.yaml", "w", encoding="utf-8") as stream:
            stream.write(text + "\n")
    for words, says in (([], "!"), (["--forwarder=our-gateway"], ""),
                        (["--forwarder=a", "--forwarder=our-gateway"], ""),
                        (["--forwarder=gate"], "!"),
                        (["--config=adds.yaml"], ""),
                        (["--config=replaces.yaml"], ""),
                        (["--config=other.yaml"], "!"),
                        (["--config=other.yaml", "--forwarder=our-gateway"],
                         "")):
        expect(f"forwarder {words}", run(logs, one, *words), 0, "match: exact",
               says + "our-gateway forwards for others")
    expect("only its own", run(write(proxy), messages.lines(finding(
        WHEN, host="i-0cccccccccccccccc")), "--config=replaces.yaml"), 0,
           "!forwards for others")
    for name, why in (("path", 'path.yaml:1:24: lookup.forwarders: "/opt/our-'
                       'gateway", expected the name of a file without its'),
                      ("broken", 'broken.yaml:2:3: unknown key "forwarder", '
                       'did you mean "forwarders"'),
                      ("none", "none.yaml: cannot be read: No such file")):
        done = expect(f"config {name}", run(
            logs, one, f"--config={name}.yaml"), 2, "match: exact")
        if why not in done.stderr.decode() or \
                "built in are used" not in done.stderr.decode():
            fail(f"config {name}", "not said", done)
    expect("no forwarder", run(logs, one, "--forwarder=/opt/x"), 2)


def options():
    logs = write(whole(usual().connect().connect(
        [("wget", 33, "www-data", "/usr/bin/wget", "wget y"),
         messages.SYSTEMD], dst=OTHER, dpt=80, spt=7, unit=None)))
    for name, words, dst in (
            ("--dst", ["--dst", messages.DST], messages.DST),
            ("--user", ["--user", "www-data"], OTHER),
            ("--exe", ["--exe=/usr/bin/wget"], OTHER),
            ("--exe of an ancestor", ["--exe=/usr/sbin/cron"], messages.DST),
            ("--dpt", ["--dpt=80"], OTHER),
            ("--spt", ["--spt=7"], OTHER),
            ("--domain", ["--domain=vault.example.net"], messages.DST),
            ("--host", ["--host=web-7", "--dpt=80"], OTHER),
            ("--since", ["--since=2026-11-20", "--dpt=80"], OTHER),
            ("all", ["--dst", OTHER, "--dpt=80", "--src=10.0.3.17", "--spt=7",
                     "--proto=tcp", "--user=www-data", "--exe=/usr/bin/wget",
                     "--host=i-0abc12def34567890", "--since=2026-11-20T09:00",
                     "--until=2026-11-20"], OTHER)):
        expect(name, run(logs, "", *words), 0, "1 connection of 1 lineage",
               re.escape(f"-> {dst}:"))
    for name, words in (
            ("other user", ["--dst", OTHER, "--user=root", "--dpt=81"]),
            ("other time", ["--dst", OTHER, "--since=2026-11-20T10:30",
                            "--until=2026-11-20T11:30"])):
        expect(name, run(logs, "", *words), 1, "match: none", PROVEN)
    expect("other host", run(logs, "", "--dst", OTHER, "--host=db-1"), 3,
           DOUBT + "this host is not in these logs")


def where():
    logs = write(whole(usual().connect().connect(
        [("wget", 33, "www-data", "/usr/bin/wget", "wget y"),
         messages.SYSTEMD], dst=OTHER, dpt=80, spt=7, unit=None)))
    for words, dst in (
            (["any.exe = /usr/sbin/cron"], messages.DST),
            (["exe2=/usr/sbin/cron"], messages.DST),
            (["not any.exe = /usr/sbin/cron"], OTHER),
            (["any.cmd ~ '^wget '"], OTHER),
            (["suid in 1-99 and not unit"], OTHER),
            (["suser != root"], OTHER),
            (["dst in 198.51.100.0/24"], OTHER),
            (["dpt > 100 and time = 2026-11-20"], messages.DST),
            (["dpt = 80 or dpt = 443", "--user=www-data"], OTHER),
            (["suser = www-data", "--dst", OTHER, "--dpt=80",
              "--since=2026-11-20", "--host=web-7"], OTHER)):
        expect(f"--where {words}", run(logs, "", "--where", *words), 0,
               "1 connection of 1 lineage", re.escape(f"-> {dst}:"),
               "where " + re.escape(words[0]))
    expect("--where, both", run(logs, "", "--where=exe ~ ^/usr/bin/"), 0,
           "2 connections of 2 lineages")
    for words, code, why in (
            (["suser = nobody"], 1, PROVEN),
            (["suser = nobody", "--dst", OTHER], 1, PROVEN),
            (["dpt = 80", "--dst", messages.DST, "--dpt=443"], 1, PROVEN),
            (["container != 0123"], 1, PROVEN),
            # The filter may have left it out.
            (["dst = 10.1.2.3"], 3, DOUBT + "whether the filter logs what"),
            (["dpt = 22"], 3, DOUBT + "whether the filter logs what")):
        expect(f"--where {words}", run(logs, "", "--where", *words), code,
               "match: none", why)
    udp = write(whole(usual().connect(proto="UDP", act="send", quic=1))
                .text().replace(" CONNECT [", " UDP ["))
    for words in ("quic = 1", "proto = udp and any.exe = /usr/sbin/cron"):
        expect(f"--where {words}", run(udp, "", "--where", words), 0,
               "1 connection of 1 lineage", "/udp")
    done = run(logs, "", "--json", "--where=exe = '/usr/bin/wget'")
    if json.loads(done.text)["question"]["where"] != "exe = '/usr/bin/wget'":
        fail("--where, JSON", "not the question", done)
    for words, why in (
            (["--where=exee = x"], 'column 1: unknown field "exee", did you '
             'mean "exe"\\?'),
            (["--where=dpt = 443 and (suid = alice"], 'column 23: "alice": '
             'expected a number; names of users are in suser'),
            (["--where=cause = x"], '"cause" is not in these messages'),
            (["--where="], "column 1: expected a field, found the end"),
            (["--where=exe", "--where=exe"], "given twice"),
            (["--where=exe", "--query=kql"], "expected no --query"),
            (["--where=exe", "finding.json"], "expected either findings")):
        done = expect(f"{words}", run(logs, "", *words), 2)
        if not re.search("^pidtree: .*" + why, done.stderr.decode()):
            fail(f"{words}", f"not found: {why}", done)
    for c in "\x1b[31m", "\u202e", "\u200b", "\x9b":
        tame(f"--where {c!r}", run(logs, "", f"--where=exe = 'a{c}b'"))


def queries():
    one = messages.lines(finding(WHEN), messages.iam(WHEN))
    for kind, want in (
            ("splunk", 'search pidtreed CONNECT "i-0abc12def34567890" '
             'dst="203.0.113.4" dpt="443" earliest=1795167900 '
             'latest=1795169701\n\n'),
            ("kql", 'host.id : "i-0abc12def34567890" and destination.ip : '
             '"203.0.113.4" and destination.port : "443" and @timestamp >= '
             '"2026-11-20T09:45:00.000Z" and @timestamp <= '
             '"2026-11-20T10:15:00.000Z"\n\n')):
        done = run(None, one, f"--query={kind}")
        if done.text != want or done.returncode:
            fail(f"--query={kind}", f"expected {want}", done)
    done = run(None, one, "--query=elastic")
    search = json.loads(done.text.splitlines()[0])
    if {"term": {"destination.ip": messages.DST}} not in \
            search["query"]["bool"]["filter"] or done.returncode:
        fail("--query=elastic", "wrong", done)
    done = run(None, messages.lines(finding(WHEN, host='i-1" | delete')),
               "--query=splunk")
    if r'"i-1\" | delete"' not in done.text:
        fail("--query", "a quote ends the value", done)


def several():
    logs = write(whole(usual().connect()))
    text = messages.lines(finding(WHEN, dst=OTHER), messages.iam(WHEN),
                          finding(WHEN))
    done = expect("several", run(logs, text, "--json"), 0)
    got = [json.loads(line).get("match", "skipped")
           for line in done.text.splitlines()]
    if got != ["none", "skipped", "exact"]:
        fail("several", f"in the order of the input: {got}", done)
    text = messages.lines(finding(WHEN, dst=OTHER),
                          finding(WHEN, host="i-0aaa", addresses=()))
    done = expect("no finding", run(logs, '{"Findings":[]}'), 1)
    if done.stderr != b"pidtree: standard input: no finding in it\n":
        fail("no finding", "it is not said", done)
    expect("one unproven", run(logs, text), 3)
    with gzip.open("many.json.gz", "wt") as stream:
        stream.write(messages.lines(*[finding(WHEN, dst=f"203.0.113.{n % 250}")
                                      for n in range(1000)]))
    done = expect("a thousand", run(logs, "", "--json", "many.json.gz"), 0)
    if len(done.text.splitlines()) != 1000:
        fail("a thousand", "not one line each", done)


def forms_of_logs():
    log = whole(usual().connect())
    one = messages.lines(finding(WHEN))
    raw = "".join(json.dumps({"_raw": line}) + "\n" for line in log.lines)
    expect("Splunk's export", run(write(raw), one), 0, "match: exact", PROVEN)
    prefixed = "".join(f"Nov 20 10:00:00 log-1 {line}\n" for line in log.lines)
    expect("prefix", run(write(prefixed), one), 0, "match: exact", PROVEN)
    name = write("")
    packed = gzip.compress(log.text().encode())
    with open(f"{name}/a.log.2.gz", "wb") as stream:
        stream.write(packed)
    expect("gzip", run(name, one), 0, "match: exact", PROVEN)
    with open(f"{name}/a.log.2.gz", "wb") as stream:
        stream.write(packed[:-40])
    done = run(name, messages.lines(finding(WHEN, dst=OTHER)))
    expect("damaged gzip", done, 3, DOUBT)
    if b"damaged" not in done.stderr:
        fail("damaged gzip", "it is not said", done)
    expect("cut off", run(write(log.text()[:-90]), one), 0, "match: exact")


def trouble():
    logs = write(whole(usual().connect()))
    for words in (["--dst=x"], ["--dpt=70000"], ["--since=tomorrow"],
                  ["--slack=1y"], ["--query=x"], ["--proto=sctp"],
                  ["--nonsense"], ["--dst=192.0.2.1", "finding.json"],
                  ["none.json"], ["--color=x"]):
        done = expect(" ".join(words), run(logs, "", *words), 2)
        if not done.stderr.startswith(b"pidtree"):
            fail(str(words), "no reason", done)
    expect("no such log", run("/nonexistent/log", "{}"), 2)
    done = expect("malformed", run(logs, messages.lines(finding(WHEN))
                                   + '{"type": "x", \n'), 2, "match: exact")
    if not re.search(rb"standard input:[23]", done.stderr):
        fail("malformed", "no position", done)
    # The default log is as long as the prefix that it was configured with.
    expect("--help", run(logs, "", "--help"), 0, "^usage: pidtree look",
           wide=False)


def deep():
    """Thirty generations and long commands, within 80 x 24."""
    line = [(f"p{i}", 33, "www-data", f"/opt/application/bin/p{i}",
             f"p{i} " + 90 * "long ") for i in range(30)]
    line.append(messages.SYSTEMD)
    log = whole(usual().connect(line))
    done = ask("deep", 0, log, finding(WHEN), "... 23 processes between",
               r"/opt/application/bin/p0 ")
    if len(done.text.splitlines()) > 24:
        fail("deep", "over 24 lines", done)
    done = expect("not on a terminal", run(
        write(log), messages.lines(finding(WHEN)), "--width=0"), 0, wide=False)
    if done.text.count("/opt/application/bin/p") != 30 or \
            "..." in done.text:
        fail("not on a terminal", "something is left out", done)


def tame(name, done):
    bad = re.findall("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069"
                     "\u200b\ufeff\udc80-\udcff]",
                     re.sub("\x1b\\[[0-9;]*m", "", done.text))
    if bad or not done.text:
        fail(name, f"found {bad!r}", done)


def hostile():
    """Every byte and character that could drive a terminal, in every place
    of a message and of a finding."""
    chars = [chr(c) for c in range(1, 32) if c != 10] + ["\x7f"]
    chars += [chr(c) for c in range(0x80, 0xa1)]
    chars += [chr(c) for c in range(0x2000, 0x2070)] + ["\ufeff", "\U000e0041"]
    chars += [chr(0xdc00 + c) for c in range(0x80, 0x100)]
    log = usual(Log(name="web-7"))
    for n, c in enumerate(chars):
        name = f"a{c}[31mb"
        line = [(name, n, name, f"/{name}", name), messages.SYSTEMD]
        log.connect(line, unit=name, container=name, thread=name,
                    adopter=name, reason=name, outcome=name, cgroup=name)
    log.own("LOST", cause="a\x1b[31m", attempts_full=1)
    logs = write(whole(log))
    text = messages.lines(finding(WHEN))
    for words in ([], ["--json"], ["--color=always"], ["--width=0"]):
        tame(f"hostile {words}", expect(
            "hostile", run(logs, text, *words), 0, wide=False))
    for c in chars:
        if "\udc80" <= c <= "\udcff":
            continue
        one = finding(WHEN, host=f"i-{c}[31m", dst=OTHER)
        for key in ("type", "id", "title"):
            one[key] = f"a{c}\x1b[31mb"
        query = messages.dns(WHEN, f"a{c}[31m")
        for words in ([], ["--json"], ["--query=kql"], ["--query=splunk"],
                      ["--query=elastic"]):
            tame(f"hostile finding {c!r}", run(
                logs, messages.lines(one, query, messages.iam(WHEN)), *words))


def interrupt():
    """What takes long is ended by Ctrl-C, and what was found is printed."""
    name = write("")
    log = whole(usual().connect())
    member = gzip.compress((log.text() + "x" * 99 + "\n").encode()
                           + 100_000 * (99 * b"y" + b"\n"), 1)
    with open(f"{name}/long.gz", "wb") as stream:
        for _ in range(1500):
            stream.write(member)
    with subprocess.Popen([PIDTREE, "lookup", "--log", name],
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE) as process:
        process.stdin.write(messages.lines(finding(WHEN)).encode())
        process.stdin.close()
        time.sleep(1)
        early = process.poll()
        process.send_signal(signal.SIGINT)
        begun = time.monotonic()
        text = process.stdout.read().decode()
        code = process.wait(60)
    if early is not None:
        print("# the search ended before it could be interrupted")
    elif code not in (0, 3) or "interrupted" not in text or \
            time.monotonic() - begun > 30:
        failed.append("interrupt")
        print(f"FAILED: interrupt: exit {code}\n{text}")


for test in (matches, hosts, coverage, hidden, counted, other_findings,
             listening, names, before, outcomes, forwarders, options, where, queries,
             several, forms_of_logs, trouble, deep, hostile, interrupt):
    test()
sys.exit(1 if failed else 0)
