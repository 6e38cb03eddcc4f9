#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# pidtree show reads what a real rsyslogd writes: with its stock templates, from
# an input that knows RFC 5424 and from one that does not.
# shellcheck source=tests/command/lib.sh
. "${srcdir:-.}/tests/command/lib.sh"

PATH=$PATH:/usr/sbin:/sbin
command -v rsyslogd >/dev/null || { echo 'rsyslogd is missing'; exit 77; }
command -v python3 >/dev/null || { echo 'python3 is missing'; exit 77; }

cat >conf <<-END
	module(load="imuxsock" SysSock.Use="off")
	input(type="imuxsock" Socket="$tmp/own" CreatePath="on"
	    useSpecialParser="off" ignoreTimestamp="off" ruleset="own")
	input(type="imuxsock" Socket="$tmp/default" CreatePath="on"
	    ruleset="default")
	ruleset(name="own") {
	    action(type="omfile" file="$tmp/own-rfc5424"
	        template="RSYSLOG_SyslogProtocol23Format")
	    action(type="omfile" file="$tmp/own-traditional"
	        template="RSYSLOG_TraditionalFileFormat")
	}
	ruleset(name="default") {
	    action(type="omfile" file="$tmp/default-rfc5424"
	        template="RSYSLOG_SyslogProtocol23Format")
	    action(type="omfile" file="$tmp/default-traditional"
	        template="RSYSLOG_TraditionalFileFormat")
	    action(type="omfile" file="$tmp/default-iso"
	        template="RSYSLOG_FileFormat")
	}
END
rsyslogd -n -f conf -i "$tmp/pid" >rsyslogd.out 2>&1 &
pid=$!
trap 'kill $pid 2>/dev/null; wait $pid; rm -rf "$tmp"' EXIT
i=0
while [ ! -S default ] && [ $i -lt 100 ]; do
	i=$((i + 1))
	sleep 0.1
done
[ -S default ] || { cat rsyslogd.out; echo 'rsyslogd does not start'; exit 1; }

# Without control characters, which rsyslogd replaces by what it likes.
grep ' pidtreed 712 ' "$data/pidtreed.log" |
	LC_ALL=C grep -v "$(printf '\033')" >sent
python3 - <<-'END'
	import socket
	for name in 'own', 'default':
	    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
	        s.connect(name)
	        for line in open('sent', 'rb'):
	            s.send(line.rstrip(b'\n'))
END
touch default-iso
count=$(wc -l <sent)
i=0
while [ "$(wc -l <default-iso)" -lt "$count" ] && [ $i -lt 100 ]; do
	i=$((i + 1))
	sleep 0.1
done
kill $pid
wait $pid

expect 0 "$pidtree" show --json --all sent
lines "$count" out
cp out all.json
for f in own-rfc5424 default-rfc5424 default-traditional default-iso; do
	expect 0 "$pidtree" show --json --all $f
	# Where the PRI was lost, so was the severity of a LOST.
	sed 's/"severity":4/"severity":6/' all.json >want
	[ $f = own-rfc5424 ] && cp all.json want
	same want $f
done
expect 1 "$pidtree" show own-traditional
says "lines without header or structured data"
exit $failed
