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

apt()
{
	apt-get -qy -o Dpkg::Use-Pty=0 "$@" </dev/null
}

# Both packages, and what apt thinks they need; OPTION...
install_packages()
{
	apt "$@" install $debs/pidtree_*.deb $debs/pidtreed_*.deb
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
