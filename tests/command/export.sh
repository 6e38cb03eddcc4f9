#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# pidtree export: ECS documents and CEF lines, from every form of a log.
# shellcheck source=tests/command/lib.sh
. "${srcdir:-.}/tests/command/lib.sh"

log=$data/pidtreed.log
version=$("$pidtree" --version | cut -d' ' -f2)

# The golden outputs.
expect 0 "$pidtree" export --ecs "$log"
same "$data/export-ecs.json" 'ECS'
says "pidtreed.log:17: offset [0-9]*: .*1 malformed"
cp out ecs.json
expect 0 "$pidtree" export --cef --header "$log"
sed "s/|pidtreed|0[^|]*|/|pidtreed|$version|/" "$data/export-cef.txt" >want
same want 'CEF'

# Every value is at its place, and nothing else is there.
same_values()
{
	"$pidtree" show --json --all "$1" >all.json 2>/dev/null
	"$pidtree" export --ecs "$1" >some.json 2>/dev/null
	"$pidtree" export --cef "$1" >some.cef 2>/dev/null
	"$pidtree" export --fields >fields
	python3 "$srcdir/tests/command/same_export.py" fields all.json \
		some.json some.cef >differ || {
		fail "values of $1"
		cat differ
	}
}
if command -v python3 >/dev/null; then
	same_values "$log"
	if [ -x "$tests/delivery/nasty" ]; then
		"$tests/delivery/nasty" 2000 >nasty
		same_values nasty
	fi
fi

# Whatever a log can be, as for show.
"$pidtree" export --ecs <"$log" >out 2>err || fail 'standard input'
same ecs.json 'standard input, without FILE'
gzip -c "$log" >log.gz
expect 0 "$pidtree" export --ecs --log=log.gz
same ecs.json 'gzip'
sed 's/^/{"rawmsg":"/; s/\\/\\\\/g; s/"/\\"/g; s/^{\\"rawmsg\\":\\"/{"rawmsg":"/
	s/$/"}/' "$log" >raw.json
expect 0 "$pidtree" export --ecs raw.json
same ecs.json "rsyslogd's JSON"

# mmexternal: a line in, a line out, whatever it is.
answers()
{
	lines_in=$(wc -l <in)
	expect 0 sh -c '"$@" <in' - "$pidtree" export "$@" --rsyslog
	lines "$lines_in" out
	[ -s err ] && fail 'something on standard error'
}
{
	cat "$log"
	echo
	echo
	echo nonsense
	head -c 5000000 /dev/zero | tr '\0' x
	echo
	printf 'a\0b\n{"rawmsg":1}\n{"rawmsg":"x\n'
	sed -n 4p "$log"
} >in
answers --ecs
sed -n 's/^{"$!":{"ecs":\(.*\)}}$/\1/p' out >got
sed -n 3p ecs.json | cat ecs.json - | cmp - got || fail 'documents'
[ "$(grep -c '^{}$' out)" -eq 8 ] || fail 'lines that are not ours'
says '^{"$!":{"export_error":"offset [0-9]*: value without end"}}$' out
answers --cef
[ "$(grep -c '^{"$!":{"cef":"CEF:0|pidtreed|' out)" -eq 15 ] || fail 'CEF'
printf 'no newline' >in
expect 0 sh -c '"$@" <in' - "$pidtree" export --ecs --rsyslog
lines 1 out

# Nothing, and trouble.
: >empty
expect 1 "$pidtree" export --ecs empty
expect 2 "$pidtree" export --ecs none
says 'pidtree: none: No such file or directory'
expect 2 "$pidtree" export "$log"
says 'expected --ecs or --cef'
expect 2 "$pidtree" export --ecs --cef "$log"
expect 2 "$pidtree" export --ecs --header "$log"
expect 2 "$pidtree" export --ecs --rsyslog "$log"
expect 2 "$pidtree" export --fields "$log"
expect 2 "$pidtree" export --nonsense
expect 2 sh -c "'$pidtree' export --ecs '$log' >/dev/full"
says 'standard output: No space left on device'
expect 0 "$pidtree" export --help
says '^usage: pidtree export ' out

exit $failed
