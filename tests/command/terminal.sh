#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# pidtree show on a terminal: its width, colours, and nothing else than colours
# that drives it, whatever was logged.
# shellcheck source=tests/command/lib.sh
. "${srcdir:-.}/tests/command/lib.sh"

command -v python3 >/dev/null || { echo 'python3 is missing'; exit 77; }
log=$data/pidtreed.log
on_terminal=$srcdir/tests/command/on-terminal
terminal()
{
	"$on_terminal" "$@" 2>&1 | grep -v '^pidtree: '
}

terminal 80 env NO_COLOR=1 "$pidtree" show "$log" >out
same "$data/show-80.txt" 'a terminal of 80 columns'
terminal 80 "$pidtree" show --color=never "$log" >out
same "$data/show-80.txt" '--color=never'
terminal 80 env TERM=dumb "$pidtree" show "$log" >out
same "$data/show-80.txt" 'TERM=dumb'
terminal 200 "$pidtree" show --width=80 --color=never "$log" >out
same "$data/show-80.txt" '--width'

terminal 80 "$pidtree" show "$log" >coloured
says "$(printf '\033\\[1;31m')" coloured
sed 's/\x1b\[[0-9;]*m//g' coloured >out
same "$data/show-80.txt" 'the same with colours'
"$pidtree" show --width=80 --color=always "$log" >out 2>/dev/null
same coloured '--color=always'

# Nothing that drives a terminal, on any way out.
tame()
{
	python3 - "$1" <<-'END' || fail "$2"
		import re
		import sys
		text = open(sys.argv[1], 'rb').read().decode('utf-8')
		text = re.sub('\x1b\\[[0-9;]*m', '', text)
		bad = re.findall('[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e'
		                 '\u2066-\u2069\u200b\ufeff]', text)
		if bad:
		    sys.exit('found ' + repr(bad))
	END
}
tame coloured 'on a terminal, coloured'
terminal 20 "$pidtree" show "$log" >out
tame out 'on a narrow terminal'
terminal 80 "$pidtree" show --all --json "$log" >out
tame out 'JSON on a terminal'
"$pidtree" show --all "$log" >out 2>/dev/null
tame out 'in a pipe'
"$pidtree" show --all --json "$log" >out 2>/dev/null
tame out 'JSON in a pipe'

# Every byte and every such character, in every place of a message.
python3 - <<-'END'
	chars = [bytes([i]) for i in range(1, 256) if i not in b'\n"\\]']
	chars += [chr(c).encode() for c in list(range(0x80, 0xa1)) +
	          list(range(0x2000, 0x2070)) + [0xfeff, 0xe0041, 0xad]]
	with open('hostile.log', 'wb') as f:
	    for c in chars:
	        f.write(b'<86>1 2026-11-22T08:14:02.113245Z h%s pidtreed 712 '
	                b'CONNECT [meta sequenceId="1"][host@32473 id="%s"]'
	                b'[event@32473 act="%s" outcome="%s" reason="%s" '
	                b'proto="%s" dst="203.0.113.4" dpt="1" spid="2" '
	                b'sproc="%s" suser="%s" auid="5" auser="%s" exe="/%s" '
	                b'script="%s" cmd="%s" thread="%s" unit="%s" '
	                b'container="%s" adopter="%s" nat64="%s"]'
	                b'[ancestry@32473 depth="2" chain="%s" spid1="1" '
	                b'sproc1="%s" state1="%s" exe1="%s"] %s\n' %
	                ((c,) * 22))
END
expect 0 "$pidtree" show --color=always --width=80 hostile.log
tame out 'every character in every place'
expect 0 "$pidtree" show --json hostile.log
tame out 'every character in every place, JSON'

# Not even the name of a file.
name=$(printf 'a\033[31mb\302\2331mc')
expect 2 "$pidtree" show "$name"
says 'a?\[31mb??1mc: No such file'

exit $failed
