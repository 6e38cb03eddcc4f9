# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=sh
# What the tests of the command have in common: a directory of their own, and
# statements that say what failed and go on.
export LC_ALL=C.UTF-8 TERM=xterm
unset NO_COLOR JOURNAL_STREAM
srcdir=$(cd "${srcdir:-.}" && pwd)
pidtree=$PWD/src/pidtree
data=$srcdir/tests/data
tests=$PWD/tests
failed=0
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp" || exit 1

fail()
{
	echo "FAILED: $*"
	failed=1
}

# expect STATUS COMMAND...: its output goes to out and err.
expect()
{
	want=$1
	shift
	"$@" >out 2>err </dev/null
	got=$?
	[ "$got" -eq "$want" ] && return
	fail "exit $got, expected $want: $*"
	sed 's/^/	/' err
}

# same FILE WHAT: out is exactly that file.
same()
{
	cmp -s "$1" out && return
	fail "$2"
	diff -u "$1" out | head -n 40
}

# says PATTERN [FILE]: a line of err, or of the file, matches.
says()
{
	grep -q -e "$1" "${2:-err}" && return
	fail "no line like: $1"
	sed 's/^/	/' "${2:-err}" | head -n 20
}

lines()
{
	[ "$(wc -l <"$2")" -eq "$1" ] || fail "$2: $(wc -l <"$2") lines, expected $1"
}
