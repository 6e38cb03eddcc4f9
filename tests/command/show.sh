#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# pidtree show: what it prints, for each form that a log can have.
# shellcheck source=tests/command/lib.sh
. "${srcdir:-.}/tests/command/lib.sh"

log=$data/pidtreed.log

# The golden outputs: 80 columns, never broken, ASCII, JSON.
expect 0 "$pidtree" show --width=80 "$log"
same "$data/show-80.txt" 'trees at 80 columns'
expect 0 "$pidtree" show --all "$log"
same "$data/show-all.txt" 'trees, not broken'
expect 0 env LC_ALL=C "$pidtree" show "$log"
LC_ALL=C grep -q '[^ -~]' out && fail 'more than ASCII in the locale C'
expect 0 "$pidtree" show --json --all "$log"
same "$data/show.json" 'JSON'
says 'pidtreed.log: 2 lines of other programs skipped'
says "pidtreed.log:17: offset [0-9]*: .*1 malformed"
says 'the last line is incomplete'

# What is shown.
expect 0 "$pidtree" show --events --json "$log"
lines 7 out
expect 0 "$pidtree" show --json "$log"
lines 12 out
expect 0 "$pidtree" show --json --all "$log"
lines 14 out
cp out all.json
expect 0 "$pidtree" show --json --all -n 3 "$log"
tail -n 3 all.json >want
same want 'the last three'
expect 0 "$pidtree" show --json --all --last=1000 "$log"
same all.json 'more than there are'

# Expressions, over messages of any kind.
while read -r count where; do
	expect 0 "$pidtree" show --json --all --where "$where" "$log"
	lines "$count" out
done <<-'END'
	14 msgid
	1 msgid = start
	6 msgid = CONNECT
	1 suser = alice and any.exe = /usr/bin/bash and dpt = 443
	2 any.suser = alice
	1 dst in 2001:db8::/32 and any.exe ~ 'sudo$'
	1 rss
	12 not (msgid = stats or msgid = host)
END
expect 0 "$pidtree" show --json --last=1 --where 'any.suser = alice' "$log"
says '"exe":"/usr/bin/python3.11"' out
expect 1 "$pidtree" show --where 'exe = /nonexistent' "$log"
expect 2 "$pidtree" show --where 'suser == alice' "$log"
says '^pidtree: --where: column 8: expected a value, found "="$' err

# The same from everything that a log can be.
same_json()
{
	expect 0 "$pidtree" show --json --all "$@"
	same all.json "$*"
}
"$pidtree" show --json --all <"$log" >out 2>err || fail 'standard input'
same all.json 'standard input, without FILE'
"$pidtree" show --json --all - <"$log" >out 2>err || fail '-'
same all.json 'standard input, with -'
sed -n p "$log" | "$pidtree" show --json --all --log=- >out 2>err || fail pipe
same all.json 'a pipe'
gzip -c "$log" >log.gz
same_json log.gz
cp log.gz not-named-gz
same_json not-named-gz
sed 's/$/\r/' "$log" >crlf
same_json crlf
sed 's/^<86>/Nov 22 12:00:00 log-1 &/; s/^<84>/x: &/' "$log" >prefix
same_json prefix
tr '\n' '\0' <"$log" | head -c 100 >junk
head -c 5000 /dev/zero >>junk
printf '\n\n\377\376\n' >>junk
cat junk "$log" >after-junk
same_json after-junk
python3 - "$log" <<-'END'
	import json
	import sys
	lines = open(sys.argv[1], 'rb').read().decode('utf-8').split('\n')
	with open('raw.json', 'w') as raw, open('hits.json', 'w') as hits:
	    for line in lines[:-1]:
	        print(json.dumps({'_raw': line, 'n': 1}), file=raw)
	        print(json.dumps({'_source': {'message': line.split('] ')[-1],
	                          'event': {'original': line}}},
	                         ensure_ascii=False), file=hits)
END
same_json raw.json
same_json hits.json

# Without PRI and version they have the default ones.
sed 's/^<86>1 /2026-11-22T12:00:00.000000+00:00 log-1 1 /' "$log" >nopri
same_json nopri

# Several logs, oldest first.
mkdir -p logs/below
sed -n 1,8p "$log" >logs/pidtreed.log.1
sed -n '9,$p' "$log" >logs/pidtreed.log
gzip logs/pidtreed.log.1
touch -d '2026-11-21 00:00' logs/pidtreed.log.1.gz
cp "$log" logs/.hidden
cp "$log" logs/below/other.log
same_json logs
same_json 'logs/pidtreed*'
same_json logs/pidtreed.log.1.gz logs/pidtreed.log

# Damage: what comes before is shown, and it is said.
for _ in 1 2 3 4 5 6 7 8 9; do cat "$log"; done | grep '^<' |
	grep -v sshd >many
gzip -c many >many.gz
head -c 2500 many.gz >cut.gz
expect 0 "$pidtree" show --json cut.gz
says 'cut.gz: gzip data damaged or cut off'
[ -s out ] || fail 'nothing before the damage'
head -c 1200 "$log" >cut.log
expect 0 "$pidtree" show --json -a cut.log
says 'cut.log: the last line is incomplete'
{
	head -c 1100000 /dev/zero | tr '\0' x
	echo
	cat "$log"
} >long
same_json long
says 'long: 1 lines over 1048576 bytes skipped'
printf 'Nov 22 08:14:02 web-7 pidtreed[712] web-7 a: x(1) -> 203.0.113.4:1/tcp\n' \
	>bare
expect 1 "$pidtree" show bare
says 'bare: 1 lines without header or structured data'

# Nothing, and trouble.
: >empty
expect 1 "$pidtree" show empty
[ -s out ] || [ -s err ] && fail 'something about an empty log'
expect 2 "$pidtree" show none
says 'pidtree: none: No such file or directory'
expect 2 "$pidtree" show --json none "$log"
lines 12 out
expect 2 "$pidtree" show --colour
expect 2 "$pidtree" show --color=green "$log"
says 'expected auto, always or never'
expect 2 "$pidtree" show -n 0 "$log"
expect 2 "$pidtree" show -n x "$log"
says 'expected a number up to'
expect 2 "$pidtree" show -f "$log" "$log"
expect 2 sh -c "'$pidtree' show '$log' >/dev/full"
says 'standard output: No space left on device'

# The command itself.
expect 2 "$pidtree"
expect 2 "$pidtree" nonsense
says '"nonsense": no such command'
expect 0 "$pidtree" --help
says '^  show ' out
expect 0 "$pidtree" --version
says '^pidtree [0-9]' out
for command in show lookup trace status export forward act; do
	expect 0 "$pidtree" "$command" --help
	says '^ *--version  *the version of pidtree$' out
done
expect 0 "$pidtree" show --version
says '^pidtree [0-9]' out
expect 0 "$pidtree" show --help
says '^usage: pidtree show ' out

exit $failed
