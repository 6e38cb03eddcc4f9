# SPDX-License-Identifier: BSD-2-Clause
# For the scenarios; for sourcing.
# shellcheck source=tests/vm/lib.sh
. /srv/tests/tests/vm/lib.sh
log=/var/log/pidtreed/pidtreed.log
debs=/srv/tests/debs

# to ADDRESS PORT: a bash of its own connects.
to()
{
	bash -c "exec 3<>/dev/tcp/$1/$2" 2>/dev/null
}

# A root file system of its own: bash and its libraries.
container_root()
{
	for d in etc proc sys dev run tmp usr/bin; do
		mkdir -p /tmp/root/$d
	done
	cp -r --parents /usr/bin/bash /usr/lib/os-release /tmp/root &&
		ldd /usr/bin/bash | grep -o '/[^ ]*' | while read -r lib; do
			cp --parents -L "$lib" /tmp/root
		done
	for d in bin lib lib64; do
		[ -d "/tmp/root/$d" ] || ln -sf "usr/$d" "/tmp/root/$d"
	done
	ln -sf ../usr/lib/os-release /tmp/root/etc/os-release
	tar -C /tmp/root -cf /tmp/root.tar .
}

# For a rule of auditd's: by many processes and by one, by a login, in a storm.
audited_connections()
{
	for i in 1 2 3 4 5 6 7 8 9 10; do
		to 203.0.113.$i 440
		to 203.0.113.$i 450
		to 2001:db8::$i 441
	done
	python3 -c 'import socket
for port in range(440, 450):
    socket.create_connection(("203.0.113.99", port)).close()'
	ssh -o StrictHostKeyChecking=accept-new person@127.0.0.1 \
		'for i in 1 2 3 4 5; do (exec 3<>/dev/tcp/203.0.113.77/44$i); done'
	"$BUILD/tests/system/flood" - 1 200 3400 3409 >/dev/null
}

apt()
{
	apt-get -qy -o Dpkg::Use-Pty=0 "$@" </dev/null
}

# Both packages, and what apt thinks they need; OPTION...  Another scenario may
# have left a newer version of one.
install_packages()
{
	apt "$@" --allow-downgrades install $debs/pidtree_*.deb $debs/pidtreed_*.deb
}

# Both, with what apt adds, if no scenario before has installed them; and each
# connection of a load is a message of its own.
need_packages()
{
	if ! command -v pidtreed || ! command -v rsyslogd; then
		install_packages -q || return
	fi
	[ -e /etc/pidtreed/conf.d/storm.yaml ] || {
		echo 'storm: off' >/etc/pidtreed/conf.d/storm.yaml
		systemctl restart pidtreed
	}
}

main_pid()
{
	systemctl show -P MainPID pidtreed
}

# The ids of the BPF programs, maps and links that the collector has.
kernel_objects()
{
	grep -hE '^(prog|map|link)_id:' "/proc/$(main_pid)"/fdinfo/* |
		tr -d '\t' | sort -u
}

# nothing_left FILE: none of those is still in the kernel, no pin is there.
nothing_left()
{
	if ! [ -s "$1" ]; then
		echo 'the collector had nothing in the kernel'
		return 1
	fi
	until_true 15 all_gone "$1" && return
	cat "$1.left"
	return 1
}

all_gone()
{
	while IFS=: read -r kind id; do
		bpftool "${kind%_id}" show id "$id" 2>/dev/null
	done <"$1" >"$1.left"
	find /sys/fs/bpf ! -type d >>"$1.left"
	[ ! -s "$1.left" ]
}

# said PATTERN: the collector that runs, in the journal.
said()
{
	journalctl -q -b -o cat "_PID=$(main_pid)" | grep -aE -e "$1"
}

# An empty log and a collector that begins to count.
fresh_log()
{
	systemctl stop pidtreed && rm -f "$log"* &&
		systemctl kill -s HUP rsyslog && systemctl start pidtreed &&
		has ' START '
}

# load CHUNKS FIRST-PORT: so many times 1000 connections, each to an address and
# port of its own, as fast as they are logged: the next thousand begins when one
# of the last is in the log, or after five seconds.  A line "K COMMAND" on
# standard input is run beside the K-th thousand, and as long as it takes; the
# load is slow then, so that it does not end before.
load()
{
	cat >/tmp/events
	load_began=$(date +%s) load_sum=0 load_k=0 load_job=
	while [ "$load_k" -lt "$1" ]; do
		load_event=$(sed -n "s/^$load_k //p" /tmp/events)
		if [ -n "$load_event" ]; then
			[ -z "$load_job" ] || wait "$load_job"
			(sleep 0.2; eval "$load_event" || echo "$load_event: $?") &
			load_job=$!
		fi
		load_first=$(($2 + 5 * load_k))
		load_n=$("$BUILD/tests/system/flood" - 1 1000 "$load_first" \
			$((load_first + 4)))
		load_sum=$((load_sum + ${load_n% *}))
		until_true 5 logged "$load_first" || :
		load_k=$((load_k + 1))
		if [ -n "$load_job" ]; then
			if kill -0 "$load_job" 2>/dev/null; then
				sleep 2
			else
				load_ended=$load_k load_job=
			fi
		fi
	done
	# Alone: the scenario may have others in the background.
	if [ -n "$load_job" ]; then
		wait "$load_job"
		load_ended='after all'
	fi
	echo "$load_sum connections in $(($(date +%s) - load_began)) s, the" \
		"last event ended with thousand ${load_ended:-none}"
	[ "$load_sum" -eq $((1000 * $1)) ]
}

# logged FIRST-PORT: the last message is about one of these five ports.
logged()
{
	logged_port=$(tail -n 1 "$log" 2>/dev/null |
		sed -n 's/.* dpt="\([0-9]*\)".*/\1/p')
	[ "${logged_port:-0}" -ge "$1" ] && [ "$logged_port" -lt $(($1 + 5)) ]
}

# settled: nothing comes any more.
settled()
{
	settled_size=$(stat -c %s "$log") && sleep 3 &&
		[ "$settled_size" -eq "$(stat -c %s "$log")" ]
}
