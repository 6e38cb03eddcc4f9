#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Questions for names where more is between them and the answer: unbound as
server, and as a local resolver that forwards or recurses; a collector that
dies while a question waits; a flood of them while others connect."""
import re
import shutil
import subprocess
import sys
import time

import dns
import lab

ROOT, LATE = "198.51.100.53", "198.51.100.54"
FORWARDING, RECURSING = "127.0.0.2", "127.0.0.3"
UNBOUND = """
server:
  directory: ""
  chroot: ""
  username: ""
  pidfile: ""
  use-syslog: no
  do-daemonize: no
  do-ip6: no
  do-not-query-localhost: no
  ip-freebind: yes
  num-threads: 1
  module-config: "iterator"
  local-zone: "test." nodefault
  access-control: 0.0.0.0/0 allow
  interface: {address}
  root-hints: {hints}
{more}
remote-control:
  control-enable: no
"""
ZONE = f"""
. 60 IN SOA ns.root. host.root. 1 60 60 60 60
. 60 IN NS ns.root.
ns.root. 60 IN A {ROOT}
*.u.test. 60 IN A 198.51.100.7
alias.v.test. 60 IN CNAME target.v.test.
target.v.test. 60 IN A 198.51.100.8
"""
HINTS = f". 60 IN NS ns.root.\nns.root. 60 IN A {ROOT}\n"
# Says when it was asked; answers when it is told to.
SLOW = r"""
import socket, sys
s = socket.socket(type=socket.SOCK_DGRAM)
s.bind((sys.argv[1], 53))
print("ready", flush=True)
while True:
    packet, asker = s.recvfrom(512)
    print("asked", flush=True)
    if not sys.stdin.readline():
        break
    end = packet.index(b"\0", 12) + 5
    s.sendto(packet[:2] + bytes.fromhex("81800001000100000000") +
             packet[12:end] + bytes.fromhex("c00c000100010000003c0004") +
             socket.inet_aton("198.51.100.7"), asker)
"""
QUESTIONS, CONNECTIONS = 60_000, 2_000


def unbound(test, name, address, namespace, more=""):
    """One of our own in the foreground; its process id."""
    hints = test.directory / "hints"
    hints.write_text(HINTS)
    conf = test.directory / f"{name}.conf"
    conf.write_text(UNBOUND.format(address=address, hints=hints, more=more))
    process = subprocess.Popen(
        ["ip", "netns", "exec", namespace, "unbound", "-d", "-c", str(conf)],
        stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    test.undo.callback(lab.stop, process)
    said = []
    for line in process.stderr:
        said.append(line)
        if "start of service" in line:
            return process.pid
    raise RuntimeError("unbound: " + "".join(said))


def server(test):
    """Whoever asks unbound itself."""
    zone = test.directory / "root.zone"
    zone.write_text(ZONE)
    unbound(test, "root", ROOT, test.network.server, "auth-zone:\n"
            f"  name: .\n  zonefile: {zone}\n  for-upstream: no\n")
    wrong = []
    for words, nameserver, fields in (
            (("getent", "ahostsv4", "a.u.test"), ROOT,
             dict(query="a.u.test", answers="198.51.100.7", proto="UDP")),
            (("dig", "+tcp", f"@{ROOT}", "b.u.test"), None,
             dict(query="b.u.test", answers="198.51.100.7", proto="TCP")),
            (("dig", f"@{ROOT}", "alias.v.test"), None,
             dict(query="alias.v.test", answers="198.51.100.8")),
            (("dig", f"@{ROOT}", "none.v.test"), None,
             dict(query="none.v.test", rcode="NXDOMAIN", answers="")),
            ((test.ask, f"connected,{ROOT},c.u.test,{dns.A}"), None,
             dict(query="c.u.test", answers="198.51.100.7"))):
        pid, _ = test.asks(*words, nameserver=nameserver)
        wrong += test.differs(fields["query"], test.await_one(
            pid, query=fields["query"]), dst=ROOT, resolver="", **fields)
    test.report("unbound", wrong)


def local(test, name, address, more=""):
    """The asker is who asked the local one; what that asks is marked."""
    pid = unbound(test, name, address, test.network.client, more)
    wrong = []
    for words, nameserver, query, answers in (
            ((test.ask, f"udp,{address},{name}1.u.test,{dns.A}"), None,
             f"{name}1.u.test", "198.51.100.7"),
            ((test.ask, f"tcp,{address},{name}2.u.test,{dns.A}"), None,
             f"{name}2.u.test", "198.51.100.7"),
            (("getent", "ahostsv4", f"{name}3.u.test"), address,
             f"{name}3.u.test", "198.51.100.7")):
        asker, _ = test.asks(*words, nameserver=nameserver)
        wrong += test.differs(query, test.await_one(asker, query=query),
                              dst=address, resolver="", answers=answers)
        wrong += test.differs(
            f"{query} upstream", test.await_one(pid, query=query, qtype="A"),
            dst=ROOT, resolver="1", sproc="unbound", answers=answers)
    wrong += [f"not the resolver's: {line.event}" for line in test.of(pid)
              if line.event.get("resolver") != b"1"]
    test.report(name, wrong)


def pending(test, name, before):
    """The collector is killed while a question waits; the answer comes before
    the next one is there, or after that."""
    asked = time.monotonic()
    process = test.client("dig", "+short", "+tries=1", "+timeout=60",
                          f"@{LATE}", name)
    if test.slow.stdout.readline() != "asked\n":
        return ["not asked"]
    test.collector.kill()
    if not before:
        test.collector.start()
    print("go", file=test.slow.stdin, flush=True)
    said = process.communicate(timeout=60)[0]
    waited = time.monotonic() - asked
    if before:
        test.collector.start()
    line = test.await_one(process.pid, query=name)
    # an answer that comes after the time that an outcome is waited for is none
    if line and line.event["outcome"] == b"unanswered" and waited > 4:
        return test.differs(name, line, dst=LATE)
    return test.differs(name, line, dst=LATE, outcome="answered",
                        answers="198.51.100.7") + (
        [] if said == "198.51.100.7\n" else [f"dig: {said}"])


def killed(test):
    test.slow = subprocess.Popen(
        ["ip", "netns", "exec", test.network.server, sys.executable, "-c",
         SLOW, LATE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    test.undo.callback(lab.stop, test.slow)
    test.slow.stdout.readline()
    test.report("killed-before", pending(test, "before.late.test", True))
    test.report("killed-after", pending(test, "after.late.test", False))


def flood(test):
    """Many questions while others connect: all that happened is told or
    counted, and nothing is lost."""
    begun = time.monotonic()
    asker = test.client(test.ask, f"flood,{ROOT},f.u.test,{QUESTIONS}")
    other = test.client(lab.program("tests/system/flood"), "-", "1",
                        str(CONNECTIONS), str(lab.PORTS[0]),
                        str(lab.PORTS[1]), "500")
    out = asker.communicate(timeout=120)[0]
    took = time.monotonic() - begun
    print(f"# {QUESTIONS} questions in {took:.1f} s, "
          f"{QUESTIONS / took:.0f} a second")
    made = int(other.communicate(timeout=120)[0].split()[0])
    status = test.collector.stop()
    wrong = [f"exit {status}"] if status else []
    lines = test.lines()

    def told(msgid, act, who):
        mine = [line for line in lines if line.id in (msgid, "DIGEST") and
                line.event["act"] == act and who(line)]
        return sum(int(line.event.get("cnt", 1)) for line in mine), len(mine)
    asked, messages = told("DNS", b"ask", lambda line: line.event.get(
        "spid") == b"%d" % asker.pid)
    # flood's processes are its children
    connected, _ = told("CONNECT", b"connect", lambda line:
                        line.generations().get(1, {}).get("spid") ==
                        b"%d" % other.pid)
    if (asked, connected) != (QUESTIONS, made) or "done flood" not in out:
        wrong.append(f"{asked} of {QUESTIONS} questions, {connected} of {made}"
                     " connections are in the log")
    if made != CONNECTIONS or messages > QUESTIONS / 100:
        wrong.append(f"{made} connections made, {messages} messages")
    lost = [line.data for line in lines if line.id == "LOST"]
    stop = [line for line in test.collector.lines() if b" STOP [" in line][-1]
    for name in ("dns_full", "attempts_full", "sink_dropped", "endings_full",
                 "storms_full", "ring_full"):
        found = re.search(rb' %s="([0-9]+)"' % name.encode(), stop)
        if found and found[1] != b"0" and name != "ring_full":
            wrong.append(f"{name} {found[1]}")
    test.report("flood", wrong + lost)


def main():
    try:
        lab.need_root_and_btf()
        for tool in "unbound", "dig", "getent":
            if not shutil.which(tool):
                raise lab.Skip(f"needs {tool}")
        with lab.Undo() as undo:
            test = dns.Test(undo)
            test.prefix = "resolvers"
            test.collector.start()
            server(test)
            local(test, "forwarding", FORWARDING, "forward-zone:\n"
                  f"  name: .\n  forward-addr: {ROOT}\n")
            local(test, "recursing", RECURSING)
            killed(test)
            flood(test)
            if test.failed:
                print(f"# the collector said:\n{test.collector.trouble()}")
            return test.failed
    except lab.Skip as reason:
        print(f"SKIP: resolvers: {reason}")
        return 77


if __name__ == "__main__":
    sys.exit(main())
