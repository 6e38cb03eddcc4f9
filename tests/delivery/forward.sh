# SPDX-License-Identifier: BSD-2-Clause
# For sourcing: a host that forwards, made by the real `pidtree forward` beside
# a private rsyslogd, and receivers, made of the central-receiver.conf that is
# shipped.  Loopback alone; certificates are made here.
#
#	forward_need			# or exit 77
#	forward_setup			# $dir, $dir/tls, $dir/host: rsyslog.sh's
#	forward ARGUMENTS...		# pidtree forward, on that host
#	receiver_start NAME [CERT]	# in $dir/NAME; ports $relp and $tls
#	receiver_stop NAME, receiver_kill NAME SIGNAL
#	forward_clean
. "$srcdir/tests/system/rsyslog.sh"

forward_need()
{
	rsyslog_need
	for tool in openssl python3; do
		command -v $tool >/dev/null || {
			echo "$tool is not installed"
			exit 77
		}
	done
	for module in omrelp imrelp lmnsd_gtls; do
		ls /usr/lib/*/rsyslog/$module.so >/dev/null 2>&1 || {
			echo "rsyslog's module $module is not installed"
			exit 77
		}
	done
	unset LISTEN_PID LISTEN_FDS
	pidtree=$PWD/src/pidtree
}

# authority NAME
authority()
{
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
	    -keyout "$dir/tls/$1.key" -out "$dir/tls/$1.pem" -days 2 \
	    -subj "/CN=$1" 2>>"$dir/tls/log"
}

# certificate FILE NAME AUTHORITY
certificate()
{
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
	    -keyout "$dir/tls/$1.key" -out "$dir/tls/$1.csr" \
	    -subj "/CN=$2" 2>>"$dir/tls/log" &&
	printf 'subjectAltName=DNS:%s\nextendedKeyUsage=serverAuth,clientAuth\n' \
	    "$2" >"$dir/tls/$1.ext" &&
	openssl x509 -req -in "$dir/tls/$1.csr" -CA "$dir/tls/$3.pem" \
	    -CAkey "$dir/tls/$3.key" -CAcreateserial -days 2 \
	    -extfile "$dir/tls/$1.ext" -out "$dir/tls/$1.pem" \
	    2>>"$dir/tls/log"
}

forward_setup()
{
	dir=$(mktemp -d /tmp/pidtreed-test.XXXXXX)
	chmod 0711 "$dir"
	mkdir "$dir/tls" "$dir/host"
	authority ca
	certificate siem siem.example.net ca
	certificate web web-7.example.net ca
	rsyslog_setup "$dir/host"
	: >"$dir/host/audit.log"
	# Two ports that nobody has.
	python3 - >"$dir/ports" <<-'EOF'
	import socket
	sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
	print(*(s.getsockname()[1] for s in sockets))
	EOF
	read -r relp tls <"$dir/ports"
}

forward()
{
	"$pidtree" forward --etc="$dir/host/etc" \
	    --rsyslog-conf="$dir/host/rsyslog.conf" --spool="$dir/host/spool" \
	    --socket="$dir/host/run/ingest/log" \
	    --log="$dir/host/log/pidtreed.log" "$@"
}

# The usual certificates.
forward_tls()
{
	forward "$@" --ca="$dir/tls/ca.pem" --cert="$dir/tls/web.pem" \
	    --key="$dir/tls/web.key"
}

# As shipped (or as installed: $receiver_example) but for paths, ports and what
# the parser made of each message.
receiver_setup()
{
	mkdir -p "$dir/$1/spool"
	sed -e "s|/etc/rsyslog-tls/cert|$dir/tls/${2:-siem}|" \
	    -e "s|/etc/rsyslog-tls/key.pem|$dir/tls/${2:-siem}.key|" \
	    -e "s|/etc/rsyslog-tls|$dir/tls|" \
	    -e "s|\"2514\"|\"$relp\" address=\"127.0.0.1\"|" \
	    -e "s|\"6514\"|\"$tls\" address=\"127.0.0.1\"|" \
	    -e "s|@logdir@|$dir/$1|" -e '/^	stop/,$d' \
	    -e "s|/var/log/pidtreed|$dir/$1|" \
	    "${receiver_example:-$srcdir/rsyslog.d/central-receiver.conf.in}" \
	    >"$dir/$1.conf"
	cat >>"$dir/$1.conf" <<-EOF
	action(type="mmpstrucdata" sd_name.lowercase="off")
	set \$!header!pri = \$pri;
	set \$!header!timestamp = exec_template("time");
	set \$!header!hostname = \$hostname;
	set \$!header!app = \$app-name;
	set \$!header!procid = \$procid;
	set \$!header!msgid = \$msgid;
	set \$!header!msg = \$msg;
	action(type="omfile" dynaFile="per_host_json" template="json")
	stop
	}
	action(type="omfile" file="$dir/$1/rsyslogd.log")
	EOF
	sed -i "1i\\
global(workDirectory=\"$dir/$1/spool\" processInternalMessages=\"on\")\\
module(load=\"mmpstrucdata\")\\
template(name=\"json\" type=\"string\" string=\"%\$!all-json-plain%\\\\n\")\\
template(name=\"time\" type=\"string\" string=\"%timestamp:::date-rfc3339%\")\\
template(name=\"per_host_json\" type=\"string\"\\
 string=\"$dir/$1/hosts/%\$.host%/%\$.file%.json\")" "$dir/$1.conf"
}

receiver_start()
{
	[ -f "$dir/$1.conf" ] || receiver_setup "$@"
	"$rsyslogd" -n -f "$dir/$1.conf" -i "$dir/$1.pidfile" \
	    >>"$dir/$1.err" 2>&1 </dev/null &
	echo $! >"$dir/$1.pid"
	rsyslog_wait_for 10 receiver_listens && return 0
	echo "the receiver did not start:" >&2
	cat "$dir/$1.err" "$dir/$1/rsyslogd.log" >&2
	return 1
}

receiver_listens()
{
	python3 - "$relp" "$tls" <<-'EOF'
	import sys
	want = {f":{int(p):04X} " for p in sys.argv[1:]}
	with open("/proc/net/tcp") as f:
	    up = [line for line in f if " 0A " in line]
	sys.exit(not all(any(w in line for line in up) for w in want))
	EOF
}

receiver_kill()
{
	[ -s "$dir/$1.pid" ] || return 0
	kill -s CONT "$(cat "$dir/$1.pid")" 2>/dev/null
	kill -s "$2" "$(cat "$dir/$1.pid")" 2>/dev/null
	rsyslog_wait_for 30 rsyslog_ended "$(cat "$dir/$1.pid")" || return 1
	wait "$(cat "$dir/$1.pid")" 2>/dev/null || :
	rm -f "$dir/$1.pid" "$dir/$1.pidfile"
}

receiver_stop()
{
	receiver_kill "$1" TERM || receiver_kill "$1" KILL
}

# lines FILE N SECONDS: until the file has at least that many.
lines()
{
	rsyslog_wait_for "$3" rsyslog_has_lines "$1" "$2"
}

# send_to_host FILE: its lines, as the collector sends them.
send_to_host()
{
	python3 "$srcdir/tests/delivery/send_lines.py" \
	    "$dir/host/run/ingest/log" <"$1"
}

forward_clean()
{
	[ -n "$dir" ] || return 0
	rsyslog_clean "$dir/host"
	for pid in "$dir"/rx*.pid; do
		[ ! -f "$pid" ] || receiver_kill "$(basename "$pid" .pid)" KILL
	done
	rm -rf "$dir"
}
