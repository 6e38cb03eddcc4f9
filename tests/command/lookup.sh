#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# pidtree lookup: the cases of lookup.py, and what its manual page may not say.
# shellcheck source=tests/command/lib.sh
. "${srcdir:-.}/tests/command/lib.sh"

command -v python3 >/dev/null || { echo 'python3 is missing'; exit 77; }
export PYTHONDONTWRITEBYTECODE=1
TZ=America/St_Johns python3 "$srcdir/tests/command/lookup.py" "$pidtree" ||
	fail 'lookup.py'
expect 0 "$pidtree" --help
says '^  lookup ' out

# What was asked for is said, whatever it was.
asked()
{
	want=$1
	shift
	"$pidtree" lookup --log="$data/pidtreed.log" --color=never "$@" \
		>out 2>err
	says "^  $want\$" out
}
asked 'user www-data' --user=www-data
asked 'exe /bin/x, 2026-11-01 00:00:00Z to 2026-11-22 23:59:59Z' \
	--exe=/bin/x --since=2026-11-01 --until=2026-11-22
asked 'since 2026-11-01 00:00:00Z' --since=2026-11-01
asked 'UDP user x' --proto=udp --user=x
asked '192.0.2.17 -> ?' --src=192.0.2.17
expect 0 "$pidtree" lookup --log="$data/pidtreed.log" --json --user=www-data
says '"user":"www-data"' out

# Every option of --help is in the manual page.
expect 0 "$pidtree" lookup --help
grep -oE -- '--[a-z]+' out | sort -u | while read -r option; do
	grep -q "Fl Fl ${option#--}" "$srcdir/man/pidtree-lookup.1" ||
		echo "$option"
done >missing
[ -s missing ] && fail "not in pidtree-lookup(1): $(cat missing)"

# Completion offers the commands and their options.
if command -v bash >/dev/null; then
	PATH=${pidtree%/*}:$PATH bash -ec '
		compopt() { :; }
		. "$1"
		COMP_WORDS=(pidtree lo) COMP_CWORD=1
		_pidtree
		[ "${COMPREPLY[*]}" = lookup ]
		COMP_WORDS=(pidtree lookup --ds) COMP_CWORD=2
		_pidtree
		[ "${COMPREPLY[*]}" = --dst= ]
		COMP_WORDS=(pidtree lookup --query = sp) COMP_CWORD=4
		_pidtree
		[ "${COMPREPLY[*]}" = splunk ]' - "$srcdir/completion/pidtree" ||
		fail 'completion'
fi

exit $failed
