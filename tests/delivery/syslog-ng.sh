# SPDX-License-Identifier: BSD-2-Clause
# For sourcing: syslog-ng as a receiver that is not rsyslog.  Its package cannot
# be installed beside rsyslog, so it is unpacked into a directory; its JSON,
# one object a message, is what same_fields.py reads.  Needs forward.sh.
#
#	syslog_ng_unpack DEB...		# or prints why not
#	syslog_ng_start PORT		# TLS (RFC 5425); $dir/ng.json
#	receiver_kill rxng KILL

syslog_ng_unpack()
{
	for deb; do
		dpkg-deb -x "$deb" "$dir/ng" || return
	done
	ng=$(ls -d "$dir"/ng/usr/lib/syslog-ng/[0-9]*) || return
	libraries=$(find "$dir/ng" -name 'lib*.so.*' -printf '%h\n' |
		sort -u | paste -sd :)
	missing=$(LD_LIBRARY_PATH=$libraries ldd "$dir/ng/usr/sbin/syslog-ng" \
	    "$ng/libafsocket.so" "$ng/libjson-plugin.so" | grep 'not found')
	[ -z "$missing" ] || {
		echo "syslog-ng's libraries are missing: $missing"
		return 1
	}
}

syslog_ng_configure()
{
	cat >"$dir/ng.conf" <<-EOF
	@version: $(basename "$ng")
	options { keep-hostname(yes); frac-digits(6); ts-format(iso);
	    log-msg-size(65536); };
	source tls { syslog(ip("127.0.0.1") port($1) transport("tls")
	    tls(key-file("$dir/tls/siem.key") cert-file("$dir/tls/siem.pem")
	    ca-file("$dir/tls/ca.pem") peer-verify(required-trusted))); };
	destination json { file("$dir/ng.json" template("\$(format-json
	    --key .SDATA.* header.pri=\$PRI header.timestamp=\$S_ISODATE
	    header.hostname=\$HOST header.app=\$PROGRAM header.procid=\$PID
	    header.msgid=\$MSGID header.msg=\$MSG)\n")); };
	log { source(tls); destination(json); };
	EOF
}

# syslog_ng_listens PORT
# shellcheck disable=SC2317 # called by rsyslog_wait_for
syslog_ng_listens()
{
	grep -qi ":$(printf '%04X' "$1") 00000000:0000 0A" /proc/net/tcp
}

syslog_ng_start()
{
	syslog_ng_configure "$1"
	LD_LIBRARY_PATH=$libraries "$dir/ng/usr/sbin/syslog-ng" -F --no-caps \
	    --module-path="$ng" -f "$dir/ng.conf" -R "$dir/ng.persist" \
	    -c "$dir/ng.ctl" -p "$dir/ng.pidfile" >"$dir/ng.said" 2>&1 \
	    </dev/null &
	echo $! >"$dir/rxng.pid"
	rsyslog_wait_for 20 syslog_ng_listens "$1" && return
	cat "$dir/ng.said"
	return 1
}
