#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# pidtree lookup: each kind of finding asked of logs that were written for
# it: the connection of its own, one that is nearly it, or none.
# shellcheck source=tests/command/lib.sh
. "${srcdir:-.}/tests/command/lib.sh"

command -v python3 >/dev/null || { echo 'python3 is missing'; exit 77; }
expect 0 python3 "$srcdir/tests/command/lookup_findings.py" "$pidtree" \
	"$data/findings"
cat out

# From standard input, several files, one damaged between good ones.
cp "$data/pidtreed.log" log
sed -n 1p "$data/findings/kinds.jsonl" >good
{ cat good && echo '{"id":"cut' && cat good; } >lines
# shellcheck disable=SC2317,SC2329 # expect calls it
from_input()
{
	"$pidtree" lookup --log log <lines
}
expect 2 from_input
says '^pidtree: standard input:2:11: finding 2: expected the quote at the end'
lines 1 err
[ "$(grep -c '^match: ' out)" -eq 2 ] || fail 'the good ones are answered'
expect 2 "$pidtree" lookup --log log good nowhere good
says '^pidtree: nowhere: No such file or directory$'
[ "$(grep -c '^match: ' out)" -eq 2 ] || fail 'the good files are answered'

# Whoever named a domain or a process does not drive the terminal.
esc=$(printf '\033')
python3 - "$data/findings/kinds.jsonl" >hostile <<-'END'
	import json
	import sys

	def hostile(value):
	    if isinstance(value, dict):
	        return {k: hostile(v) for k, v in value.items()}
	    if isinstance(value, list):
	        return [hostile(v) for v in value]
	    fixed = ("-", ".", ":")     # numbers, addresses, times
	    if isinstance(value, str) and not value[:1].isdigit() and \
	            not value.isupper() and value[:1] not in fixed:
	        return value + "\033[31m\n\u202e\x9b"
	    return value

	for line in open(sys.argv[1]):
	    print(json.dumps(hostile(json.loads(line))))
END
for form in --color=never --json --query=splunk --query=elastic --query=kql
do
	"$pidtree" lookup --log log "$form" hostile >out 2>err </dev/null
	[ $? -ne 2 ] || fail "$form: $(cat err)"
	cat out err >both
	if grep -q -e "$esc" -e "$(printf '\342\200\256')" \
		-e "$(printf '\302\233')" both
	then
		fail "$form: a value drives the terminal"
	fi
done
exit "$failed"
