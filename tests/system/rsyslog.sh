# SPDX-License-Identifier: BSD-2-Clause
# A private rsyslogd with the configuration that is shipped; for sourcing.
#
#	. "$srcdir/tests/system/rsyslog.sh"
#	rsyslog_need			# or exit 77
#	rsyslog_setup DIR		# DIR is made; an absolute, short path
#	rsyslog_json DIR		# before the start: DIR/log/pidtreed.json too
#	rsyslog_unit DIR		# the same: a socket unit owns the socket
#	rsyslog_start DIR		# returns when the socket is there
#	... DIR/run/ingest/log is the socket, DIR/log/pidtreed.log the file
#	rsyslog_lines DIR N [SECONDS]	# until the file has N lines
#	rsyslog_kill DIR STOP|CONT|KILL
#	rsyslog_stop DIR		# SIGTERM, and waits for the end
#	rsyslog_clean DIR		# all that is left; for a trap
#
# It never touches /dev/log, /etc or the host's rsyslogd.  srcdir is the top
# of the sources.

rsyslog_need()
{
	rsyslogd=$(PATH=$PATH:/usr/sbin:/sbin command -v rsyslogd) || {
		echo "rsyslogd is not installed"
		exit 77
	}
	[ "$(id -u)" -eq 0 ] || {
		echo "wants root: the log belongs to root and group adm"
		exit 77
	}
}

rsyslog_setup()
{
	mkdir -p "$1/run/ingest" "$1/log" "$1/spool" "$1/modules.d" \
	    "$1/etc/rsyslog-actions.d" "$1/etc/rsyslog-forward.d"
	chmod 0711 "$1" "$1/run" "$1/run/ingest"
	sed -e "s|@socket@|$1/run/ingest/log|" \
	    -e "s|@logfile@|$1/log/pidtreed.log|" \
	    -e "s|@actionsdir@|$1/etc/rsyslog-actions.d|" \
	    -e "s|@forwarddir@|$1/etc/rsyslog-forward.d|" \
	    "$srcdir/rsyslog.d/pidtreed.conf.in" >"$1/pidtreed.conf"
	cat >"$1/rsyslog.conf" <<-EOF
	global(workDirectory="$1/spool" processInternalMessages="on")
	module(load="imuxsock" sysSock.use="off")
	include(file="$1/modules.d/*.conf" mode="optional")
	include(file="$1/pidtreed.conf")
	action(type="omfile" file="$1/log/rsyslogd.log")
	EOF
}

# Each message as mmpstrucdata reads it, one JSON object a line.
rsyslog_json()
{
	cat >"$1/modules.d/json.conf" <<-'EOF'
	module(load="mmpstrucdata")
	template(name="pidtreed_json" type="list") {
		property(name="$!all-json-plain")
		constant(value="\n")
	}
	template(name="pidtreed_time" type="string"
		string="%timestamp:::date-rfc3339%")
	EOF
	cat >"$1/etc/rsyslog-actions.d/json.conf" <<-EOF
	action(type="mmpstrucdata" sd_name.lowercase="off")
	set \$!header!pri = \$pri;
	set \$!header!timestamp = exec_template("pidtreed_time");
	set \$!header!hostname = \$hostname;
	set \$!header!app = \$app-name;
	set \$!header!procid = \$procid;
	set \$!header!msgid = \$msgid;
	set \$!header!msg = \$msg;
	action(type="omfile" file="$1/log/pidtreed.json"
		template="pidtreed_json")
	EOF
}

# As systemd has it in the package: the socket outlives rsyslogd.
rsyslog_unit()
{
	mkfifo "$1/unit.in" "$1/unit.out"
	"$srcdir/tests/system/socket-unit" "$1/run/ingest/log" "$rsyslogd" -n \
	    -f "$1/rsyslog.conf" -i "$1/rsyslogd.pid" \
	    <"$1/unit.in" >"$1/unit.out" 2>>"$1/rsyslogd.err" &
	echo $! >"$1/unit.pid"
	exec 8>"$1/unit.in" 9<"$1/unit.out"
	read -r _ <&9
}

# The unit's socket is made anew; a running rsyslogd goes on with the old.
rsyslog_unit_replace()
{
	echo replace >&8
	read -r _ <&9
}

# The host's rsyslogd may run beside it: own socket, pid file, directory.
rsyslog_start()
{
	if [ -p "$1/unit.in" ]; then
		echo start >&8
		read -r rsyslog_pid <&9
	else
		"$rsyslogd" -n -f "$1/rsyslog.conf" -i "$1/rsyslogd.pid" \
		    >>"$1/rsyslogd.err" 2>&1 </dev/null &
		rsyslog_pid=$!
	fi
	echo "$rsyslog_pid" >"$1/pid"
	rsyslog_wait_for 10 test -S "$1/run/ingest/log" \
	    -a -s "$1/rsyslogd.pid" && return 0
	echo "rsyslogd did not start:" >&2
	cat "$1/rsyslogd.err" >&2
	return 1
}

# SECONDS COMMAND...: until it succeeds.
rsyslog_wait_for()
{
	tries=$(($1 * 20))
	shift
	while [ $tries -gt 0 ]; do
		"$@" && return 0
		sleep 0.05
		tries=$((tries - 1))
	done
	return 1
}

rsyslog_has_lines()
{
	[ -f "$1" ] && [ "$(wc -l <"$1")" -ge "$2" ]
}

rsyslog_lines()
{
	rsyslog_wait_for "${3:-10}" rsyslog_has_lines "$1/log/pidtreed.log" "$2"
}

rsyslog_kill()
{
	kill -s "$2" "$(cat "$1/pid")"
	[ "$2" != KILL ] || rsyslog_gone "$1"
}

# It is a child of this shell, or of the unit, which takes it off the list.
rsyslog_ended()
{
	case $(cut -d' ' -f3 "/proc/$1/stat" 2>/dev/null) in
	'' | Z) return 0 ;;
	esac
	return 1
}

rsyslog_gone()
{
	rsyslog_wait_for 30 rsyslog_ended "$(cat "$1/pid")" || return 1
	wait "$(cat "$1/pid")" 2>/dev/null || :
	rm -f "$1/pid" "$1/rsyslogd.pid"
}

rsyslog_stop()
{
	[ -s "$1/pid" ] || return 0
	kill -s CONT "$(cat "$1/pid")" 2>/dev/null || :
	kill -s TERM "$(cat "$1/pid")" 2>/dev/null || :
	rsyslog_gone "$1"
}

# Whatever the test left: rsyslogd, the unit, the directory.
rsyslog_clean()
{
	rsyslog_stop "$1" || rsyslog_kill "$1" KILL || :
	if [ -s "$1/unit.pid" ]; then
		exec 8>&- 9<&-
		wait "$(cat "$1/unit.pid")" 2>/dev/null || :
	fi
	rm -rf "$1"
}
