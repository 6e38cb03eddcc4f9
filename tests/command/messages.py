# SPDX-License-Identifier: BSD-2-Clause
"""Logs as the collector writes them, and findings about them, for the tests
of `pidtree lookup`: every message is made, so that what is missing, lost or
out of order is known."""
import datetime
import json

START = datetime.datetime(2026, 11, 20, 8, tzinfo=datetime.timezone.utc)
FILTER = ("ports 0-65535; exclude 0.0.0.0/8 10.0.0.0/8 127.0.0.0/8 "
          "192.168.0.0/16 ::1/128 fe80::/10; include")
PROBES = "fork,exec,exit,connect,pass"
DNS_PROBES = PROBES + ",dns,dns-in"
LISTEN_PROBES = PROBES + ",listen,snapshot"
LISTEN_FILTER = "ports 0-65535; exclude 127.0.0.0/8 ::1/128; include"
SYSTEMD = ("systemd", 0, "root", "/usr/lib/systemd/systemd", "/sbin/init")
CRON = ("cron", 0, "root", "/usr/sbin/cron", "/usr/sbin/cron -f")
SH = ("sh", 0, "root", "/usr/bin/dash", "sh -c '/usr/local/bin/nightly'")
CURL = ("curl", 0, "root", "/usr/bin/curl",
        "curl -sS https://vault.example.net/put")
NIGHTLY = [CURL, SH, CRON, SYSTEMD]
DST, DPT, SPT = "203.0.113.4", 443, 51514


def stamp(when, digits=6):
    text = when.strftime("%Y-%m-%dT%H:%M:%S.%f")
    return text[:len(text) - 6 + digits] + "Z"


def escaped(value):
    return "".join("\\" + c if c in '"\\]' else c for c in str(value))


def element(name, **fields):
    return "[" + " ".join([name] + [f'{key}="{escaped(value)}"'
                                    for key, value in fields.items()]) + "]"


def seconds(n):
    return datetime.timedelta(seconds=n)


class Log:
    """One host's log; time stands still between the calls."""

    def __init__(self, host="i-0abc12def34567890", name="web-7",
                 when=START, procid=712, boot="5c1f2e90"):
        self.host, self.name, self.when = host, name, when
        self.procid, self.boot = procid, boot
        self.seq, self.n, self.lines = 0, 0, []

    def wait(self, n):
        self.when += seconds(n)
        return self

    def write(self, msgid, event, ancestry="", text="x", at=None):
        self.seq += 1
        self.lines.append(
            f"<86>1 {stamp(at or self.when)} {self.name} pidtreed "
            f"{self.procid} {msgid} "
            + element("meta", sequenceId=self.seq, sysUpTime=100 + self.seq)
            + element("host@32473", id=self.host, boot=self.boot)
            + event + ancestry + " " + text)
        return self

    def skip(self, n=1):
        """Messages that are not there."""
        self.seq += n
        return self

    def own(self, msgid, **fields):
        return self.write(msgid, element("event@32473", **fields))

    def start(self, text=FILTER, probes=PROBES, cause="fresh", **more):
        return self.own("START", version="0.1.0", target="socket:/run/x",
                        config="1b4f", filter=text, filterHash="60303ae2",
                        probes=probes, cause=cause, **more)

    def stats(self, text=FILTER, probes=PROBES, msgid="STATS", **more):
        return self.own(msgid, target="socket:/run/x", config="1b4f",
                        filter=text, filterHash="6030", probes=probes, **more)

    def describe(self, addresses="10.0.3.17 2001:db8:7::17", forwarding=0):
        return self.own("HOST", fqdn=f"{self.name}.example.net",
                        addresses=addresses, forwarding=forwarding)

    def restart(self, cause="fresh", boot=None, **more):
        self.procid, self.seq = self.procid + 1, 0
        self.boot = boot or self.boot
        return self.start(cause=cause, **more)

    def connect(self, line=None, dst=DST, dpt=DPT, spt=SPT, unit="cron.service",
                outcome="established", src="10.0.3.17", pid=None, **more):
        """The caller first: comm, uid, user, exe, cmd."""
        line = line or NIGHTLY
        self.n += 1
        pid = pid or 4000 + 10 * self.n
        comm, uid, user, exe, cmd = line[0]
        fields = dict(act="connect", outcome=outcome, proto="TCP", src=src,
                      spt=spt, dst=dst, dpt=dpt, deviceDirection=1, spid=pid,
                      sproc=comm, suid=uid, suser=user, exe=exe, cmd=cmd,
                      born=stamp(self.when, 3))
        if unit:
            fields["unit"] = unit
        fields["pkey"] = f"{pid}:{self.boot}{pid}"
        fields["externalId"] = f"{self.host}-{self.procid}-{self.seq + 1}"
        self.last_id = fields["externalId"]
        fields.update(more)
        ancestry = {"depth": len(line)}
        for i, (comm, uid, user, exe, cmd) in enumerate(line[1:], 1):
            last = i == len(line) - 1
            ancestry.update({
                f"spid{i}": 1 if last else pid - i, f"sproc{i}": comm,
                f"suid{i}": uid, f"suser{i}": user, f"exe{i}": exe,
                f"cmd{i}": cmd, f"born{i}": stamp(START - seconds(60), 3)})
        return self.write("CONNECT", element("event@32473", **fields),
                          element("ancestry@32473", **ancestry))

    def listen(self, spt, line, src=None, pid=800, **more):
        """The process that listens first, as in connect()."""
        comm, uid, user, exe, cmd = line[0]
        fields = dict(act="listen", proto="TCP", src=src, spt=spt, spid=pid,
                      sproc=comm, suid=uid, suser=user, exe=exe, cmd=cmd,
                      pkey=f"{pid}:{self.boot}{pid}",
                      externalId=f"{self.host}-{self.procid}-{self.seq + 1}",
                      **more)
        fields = {k: v for k, v in fields.items() if v is not None}
        ancestry = {"depth": len(line)}
        for i, (comm, uid, user, exe, cmd) in enumerate(line[1:], 1):
            ancestry.update({
                f"spid{i}": 1, f"sproc{i}": comm, f"suid{i}": uid,
                f"suser{i}": user, f"exe{i}": exe, f"cmd{i}": cmd})
        return self.write("LISTEN", element("event@32473", **fields),
                          element("ancestry@32473", **ancestry))

    def accept(self, spt, dpt, line, src="198.51.100.23", pid=800):
        """The process that listens first, as in connect()."""
        comm, uid, user, exe, cmd = line[0]
        fields = dict(act="accept", outcome="established", proto="TCP",
                      src=src, spt=spt, dst="10.0.3.17", dpt=dpt,
                      deviceDirection=0, dpid=pid, dproc=comm, duid=uid,
                      duser=user, exe=exe, cmd=cmd,
                      pkey=f"{pid}:{self.boot}{pid}",
                      externalId=f"{self.host}-{self.procid}-{self.seq + 1}")
        ancestry = {"depth": len(line)}
        for i, (comm, uid, user, exe, cmd) in enumerate(line[1:], 1):
            ancestry.update({
                f"dpid{i}": 1, f"dproc{i}": comm, f"duid{i}": uid,
                f"duser{i}": user, f"exe{i}": exe, f"cmd{i}": cmd})
        return self.write("ACCEPT", element("event@32473", **fields),
                          element("ancestry@32473", **ancestry))

    def ask(self, query, line=None, msgid="DNS", answers="203.0.113.4",
            dst="10.0.0.2", unit="cron.service", pid=4242, **more):
        """A question for a name; msgid DIGEST: those that were counted."""
        line = line or NIGHTLY
        comm, uid, user, exe, cmd = line[0]
        fields = dict(act="ask", outcome="answered", query=query, qtype="A",
                      rcode="NOERROR", answers=answers, proto="UDP",
                      src="10.0.3.17", spt=40211, dst=dst, dpt=53, spid=pid,
                      sproc=comm, suid=uid, suser=user, exe=exe, cmd=cmd,
                      unit=unit, pkey=f"{pid}:{self.boot}{pid}",
                      externalId=f"{self.host}-{self.procid}-{self.seq + 1}")
        if msgid == "DIGEST":
            for key in "outcome", "rcode", "answers":
                del fields[key]
        fields.update(more)
        fields = {k: v for k, v in fields.items() if v is not None}
        ancestry = {"depth": len(line)}
        if msgid == "DIGEST":
            ancestry["chain"] = "<".join(one[0] for one in line)
        for i, (comm, uid, user, exe, cmd) in enumerate(line[1:], 1):
            ancestry.update({
                f"spid{i}": pid - i, f"sproc{i}": comm, f"suid{i}": uid,
                f"suser{i}": user, f"exe{i}": exe, f"cmd{i}": cmd})
        return self.write(msgid, element("event@32473", **fields),
                          element("ancestry@32473", **ancestry))

    def outcome(self, outcome, dst=DST, dpt=DPT):
        return self.write("OUTCOME", element(
            "event@32473", act="connect", outcome=outcome, proto="TCP",
            dst=dst, dpt=dpt, externalId="o" + self.last_id,
            cid=self.last_id))

    def close(self, dst=DST, dpt=DPT, src="10.0.3.17", spt=SPT, **more):
        """Of the last connection."""
        return self.write("CLOSE", element("event@32473", **dict(
            act="close", outcome="closed", closedBy="local", duration=1500,
            **{"in": 5120}, out=734, proto="TCP", src=src, spt=spt,
            dst=dst, dpt=dpt, externalId=self.last_id + "-c",
            cid=self.last_id, **more)))

    def digest(self, net="198.51.100.0/24", dpt=DPT, cnt=940, length=60,
               **more):
        """Of the minute that ends now."""
        return self.write("DIGEST", element("event@32473", **{**dict(
            act="connect", proto="TCP", src="10.0.3.17", dpt=dpt, net=net,
            dst=net.split("/", maxsplit=1)[0], deviceDirection=1, spid=4000,
            sproc="scan", start=stamp(self.when - seconds(length)),
            end=stamp(self.when), cnt=cnt), **more}), element(
                "ancestry@32473", depth=2, chain="scan(4000)<cron(500)"))

    def text(self):
        return "".join(line + "\n" for line in self.lines)


def finding(when, dst=DST, dpt=DPT, spt=SPT, host="i-0abc12def34567890",
            addresses=("10.0.3.17",), direction="OUTBOUND", proto="TCP",
            until=None, name=None):
    """Of a network connection, as it is exported to S3."""
    action = {"connectionDirection": direction, "protocol": proto,
              "localPortDetails": {"port": spt},
              "remoteIpDetails": {"ipAddressV4": dst},
              "remotePortDetails": {"port": dpt}}
    interface = [{"privateIpAddress": one, "ipv6Addresses": []}
                 for one in addresses]
    if interface and name:
        interface[0]["privateDnsName"] = name
    elif name:
        interface = [{"privateDnsName": name, "ipv6Addresses": []}]
    return about(when, until, host, interface, {
        "actionType": "NETWORK_CONNECTION",
        "networkConnectionAction": action})


def probe(when, port, host="i-0abc12def34567890", dst=DST):
    """Somebody outside tried a port of the host."""
    return about(when, None, host, [{"privateIpAddress": "10.0.3.17",
                                     "ipv6Addresses": []}], {
        "actionType": "PORT_PROBE",
        "portProbeAction": {"blocked": False, "portProbeDetails": [{
            "localPortDetails": {"port": port, "portName": "x"},
            "localIpDetails": {"ipAddressV4": "10.0.3.17"},
            "remoteIpDetails": {"ipAddressV4": dst}}]}})


def about(when, until, host, interface, action):
    details = {"networkInterfaces": interface}
    if host:
        details["instanceId"] = host
    return {"schemaVersion": "2.0", "accountId": "123456789012",
            "region": "eu-central-1", "id": "0123abcd",
            "type": "Backdoor:EC2/C&CActivity.B", "severity": 8,
            "resource": {"resourceType": "Instance",
                         "instanceDetails": details},
            "service": {"serviceName": "guardduty", "count": 1,
                        "eventFirstSeen": stamp(when, 3),
                        "eventLastSeen": stamp(until or when, 3),
                        "action": action}}


def dns(when, domain):
    return about(when, None, "i-0abc12def34567890", [], {
        "actionType": "DNS_REQUEST",
        "dnsRequestAction": {"domain": domain, "protocol": "UDP"}})


def iam(when):
    one = finding(when)
    one["resource"] = {"resourceType": "AccessKey", "accessKeyDetails": {
        "userName": "x"}}
    one["service"]["action"] = {"actionType": "AWS_API_CALL",
                                "awsApiCallAction": {"api": "ListBuckets"}}
    return one


def lines(*findings):
    return "".join(json.dumps(one) + "\n" for one in findings)
