#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# pidtree forward: what it refuses and in which words, what it writes, and that
# nothing is left behind that rsyslogd refuses.  tests/delivery/forward sends.
# shellcheck source=tests/command/lib.sh
. "${srcdir:-.}/tests/command/lib.sh"

PATH=$PATH:/usr/sbin:/sbin
command -v rsyslogd >/dev/null || { echo 'rsyslogd is missing'; exit 77; }
command -v openssl >/dev/null || { echo 'openssl is missing'; exit 77; }
ls /usr/lib/*/rsyslog/omrelp.so >/dev/null 2>&1 || {
	echo "rsyslog's module omrelp is missing"
	exit 77
}
ls /usr/lib/*/rsyslog/lmnsd_[go]*.so >/dev/null 2>&1 || {
	echo "rsyslog's TLS drivers are missing"
	exit 77
}

umask 077
mkdir -p etc/rsyslog-forward.d etc/rsyslog-actions.d spool
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
	-keyout key.pem -out ca.pem -days 2 -subj /CN=x 2>/dev/null
cp key.pem open.pem && chmod 0644 open.pem
sed 's/BEGIN PRIVATE/BEGIN ENCRYPTED PRIVATE/' key.pem >locked.pem
echo nothing >empty.pem
echo 'p"a)ss\$' >password

# conf [LINE]: rsyslog's configuration, as the package has it.
conf()
{
	cat >conf <<-END
		$1
		global(workDirectory="$tmp/spool")
		module(load="imuxsock" sysSock.use="off")
		include(file="$tmp/etc/rsyslog-forward.d/*.conf" mode="optional")
		ruleset(name="pidtreed") {
			include(file="$tmp/etc/rsyslog-actions.d/*.conf" mode="optional")
			stop
		}
		action(type="omfile" file="/dev/null")
	END
}

# shellcheck disable=SC2317 # called by expect
forward()
{
	"$pidtree" forward --etc="$tmp/etc" --rsyslog-conf="$tmp/conf" \
		--spool="$tmp/spool" --socket="$tmp/socket" "$@"
}

# Nothing was written, nothing temporary is left.
untouched()
{
	[ -z "$(find etc spool -type f)" ] ||
		fail "left behind: $(find etc spool -type f)"
}

# refused PATTERN ARGUMENT...
refused()
{
	pattern=$1
	shift
	expect 2 forward "$@"
	says "$pattern"
	lines 1 err
	untouched
}

tls='--ca=ca.pem --cert=ca.pem --key=key.pem'
conf ''

# What is asked for.
expect 0 forward --help
expect 2 forward
refused '"carrier": no such kind' carrier x
refused 'relp: expected a target' relp
refused '"y": unexpected' relp x y
refused "expected a host's name or address" relp 'a b'
refused "expected a host's name or address" relp 'a"b'
refused "expected a host's name or address" relp 'a)x'
refused "expected a host's name or address" relp 'a-'
refused "expected a host's name or address" relp 'a..b'
refused "expected a host's name or address" relp '1.2.3.4.5'
refused "expected a host's name or address" relp ''
refused "expected a host's name or address" relp '[1.2.3.4]'
refused 'expected \[ADDRESS\]' relp '[::1'
refused 'expected a port' relp 'a:0'
refused 'expected a port' relp 'a:65536'
refused 'expected a port' relp 'a:1x'
refused 'expected a port' relp '[::1]:'
refused 'expected one host' relp 'a,b'
refused '\-\-peer has to say the name' relp 192.0.2.1 --ca=ca.pem
refused '\-\-peer: "x)y": expected a name' relp a --peer='x)y' --ca=ca.pem
refused '\-\-name: "a/../b": expected' relp a --name=a/../b
refused '\-\-name: "00-modules": expected' relp a --name=00-modules
refused '\-\-disk: "much": expected a size' relp a --disk=much
refused '\-\-disk: "0g": expected a size' relp a --disk=0g
refused '\-\-spool: /none: No such file' relp a --spool=/none
refused '\-\-audit: ".*": expected a path' relp a --audit='a"b'
refused '\-\-no-tls: relp is never without' relp a --no-tls
refused '\-\-into: relp has nothing' relp a --into=x
refused '\-\-into: "A": expected small' kafka a --into=A
refused '\-\-user: relp proves itself' relp a --user=x --password-file=x
refused '\-\-user and --password-file: kafka expected both' kafka a --user=x
refused '\-\-password-file: none: No such file' kafka a --user=x \
	--password-file=none

# Certificates.
refused '\-\-ca: expected the file' relp a
refused '\-\-ca: /.*/none.pem: No such file' relp a --ca=none.pem
refused '\-\-ca: /.*/empty.pem: expected a PEM file' relp a --ca=empty.pem
refused '\-\-cert and --key: expected both' relp a --ca=ca.pem --cert=ca.pem
refused '\-\-key: .*expected a PEM file' relp a --ca=ca.pem --cert=ca.pem \
	--key=ca.pem
refused '\-\-key: .*is encrypted' relp a --ca=ca.pem --cert=ca.pem \
	--key=locked.pem
refused '\-\-key: .*everyone can read it' relp a --ca=ca.pem --cert=ca.pem \
	--key=open.pem

# Modules that are not there are named before anything is written.
mkdir none
export RSYSLOG_MODDIR="$tmp/none"
refused 'apt install rsyslog-relp' relp a
refused 'apt install rsyslog-gnutls' tls a
refused 'apt install rsyslog-kafka' kafka a --format=rfc5424
refused 'apt install rsyslog' elasticsearch a
unset RSYSLOG_MODDIR

# rsyslog's configuration has errors already, or does not include ours.
conf 'acton(x)'
# shellcheck disable=SC2086 # options
refused 'has errors already' relp a $tls
echo 'action(type="omfile" file="/dev/null")' >conf
# shellcheck disable=SC2086
{
	expect 2 forward relp a $tls
	says 'does not include'
	says 'everything is as it was'
	untouched
}

# audited FORWARDER...: these get auditd's records.
audited()
{
	for name; do
		echo "	call pidtreed_${name}_audit"
	done >want
	grep '^	call' etc/rsyslog-forward.d/01-audit.conf | cmp - want ||
		fail "auditd's records do not go to: $*"
}

# A dry run writes nothing; a real one is all that it showed.
conf ''
# shellcheck disable=SC2086
{
	expect 0 forward -n relp siem.example.net $tls --audit
	untouched
	grep -v '^# /' out | grep . >shown
	expect 0 forward relp siem.example.net $tls --audit
	says 'RELP over TLS to siem.example.net:2514, auditd'
	cat etc/rsyslog-forward.d/00-modules.conf \
		etc/rsyslog-forward.d/relp.conf \
		etc/rsyslog-forward.d/01-audit.conf \
		etc/rsyslog-actions.d/relp.conf | grep . >written
	cmp shown written || fail 'a dry run shows something else'
	for param in 'queue.timeoutEnqueue="0"' 'queue.saveOnShutdown="on"' \
		'action.resumeRetryCount="-1"' 'queue.filename='; do
		[ "$(grep -cF "$param" written)" -eq 2 ] ||
			fail "not in both actions: $param"
	done
	# Another one shares the module and auditd's file; the last one takes
	# them along.
	expect 0 forward relp '[2001:db8::1]:99' $tls --name=second \
		--peer=siem.example.net --audit
	[ "$(cat etc/rsyslog-forward.d/*.conf | grep -c 'type="imfile"')" -eq 1 ] ||
		fail "auditd's file is read twice, or never"
	audited relp second
	[ "$(cat etc/rsyslog-forward.d/*.conf | grep -c 'load="omrelp"')" -eq 1 ] ||
		fail 'omrelp is not loaded once'
	expect 1 forward status
	says '^second: RELP over TLS to \[2001:db8::1\]:99, and /var/log/audit/audit.log$' out
	says '^relp: .*, and /var/log/audit/audit.log$' out
	expect 0 forward off relp
	audited second
	expect 2 forward off relp
	says 'relp: no such forwarder'
	expect 2 forward off ../x
	expect 0 rsyslogd -N1 -f "$tmp/conf"
	expect 0 forward off second
	untouched
	expect 1 forward status
	says 'nothing is forwarded' out
	# The administrator has loaded the module already.
	conf 'module(load="omrelp")'
	expect 0 forward relp siem.example.net $tls
	! grep -q omrelp etc/rsyslog-forward.d/00-modules.conf 2>/dev/null ||
		fail 'omrelp is loaded twice'
	expect 0 rsyslogd -N1 -f "$tmp/conf"
	! grep -q already err || fail 'rsyslogd complains'
	expect 0 forward off relp
	untouched
	# ... or is about to, too late for us.
	conf ''
	echo 'module(load="omrelp")' >>conf
	expect 2 forward relp siem.example.net $tls
	says 'everything is as it was'
	untouched
	# What was there before is there again.
	conf ''
	expect 0 forward relp one.example.net $tls
	cp -r etc before
	echo 'module(load="omrelp")' >>conf
	expect 2 forward relp two.example.net $tls
	diff -r etc before || fail 'not as it was'
}

# Every byte of a password ends up in the password.
rm -rf etc/*/* && conf ''
if ls /usr/lib/*/rsyslog/omkafka.so >/dev/null 2>&1; then
	expect 0 forward kafka h1,h2:99 --format=rfc5424 --user='u"x' \
		--password-file=password
	file=etc/rsyslog-forward.d/kafka.conf
	says 'broker=\["h1:9092","h2:99"\]' $file
	says 'sasl.username=u.042x"' $file
	says 'sasl.password=p.042a.051ss.134.044"' $file
	[ "$(stat -c %a $file)" = 600 ] || fail 'a password for everyone'
	says 'security.protocol=sasl_ssl' $file
fi

exit $failed
