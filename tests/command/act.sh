#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# pidtree act without any rsyslogd: what it takes for an event to act on, what
# a command is given, and the bounds; what it says of wrong usage.
# shellcheck source=tests/command/lib.sh
. "${srcdir:-.}/tests/command/lib.sh"
command -v python3 >/dev/null || { echo 'python3 is missing'; exit 77; }

raised()
{
	python3 "$srcdir/tests/command/raised.py" "$@"
}

# act FILE ARGUMENT...: what it says goes to err, its answers to out.
act()
{
	in=$1
	shift
	"$pidtree" act "$@" <"$in" >out 2>err || fail "exit $?: act $*"
	[ "$(grep -c '^OK$' out)" -eq $(($(wc -l <"$in") + 1)) ] ||
		fail "$(wc -l <out) answers to $(wc -l <"$in") lines"
}

# Wrong usage.
while IFS='|' read -r arguments complaint; do
	# shellcheck disable=SC2086
	expect 2 "$pidtree" act $arguments
	says "$complaint"
	[ -s out ] && fail "an answer to: act $arguments"
done <<-'END'
	--stop --kill|expected one of --stop and --kill
	--jobs=0|--jobs: "0": expected a number from 1 to 64
	--jobs=65|--jobs: "65": expected a number from 1 to 64
	--timeout=1s|--timeout: "1s": expected a number from 1 to 3600
	--max-age=-1|--max-age: "-1": expected a number from 0
	--where=xyz=1|--where: column 1: unknown field "xyz"
	--where=abi=1|--where: column 1:
	--where=dpt=1 --where=dpt=2|--where: given twice
	true|"true": expected -- before the command
	--|--: expected a command behind it
	-- /nonexistent/x|/nonexistent/x: No such file or directory
	-- /dev/null|/dev/null: Permission denied
END

# What is an event to act on.
sleep 300 &
other=$!
raised pid=$other >one
act one
says "process $other would stop or kill (web-7 alice: curl($other) ->"
says '1 lines; 1 to act on$'
while IFS='|' read -r words options complaint; do
	# shellcheck disable=SC2086
	raised pid=$other $words >line
	# shellcheck disable=SC2086
	act line $options
	says "act: 1 lines; 1 $complaint"
done <<-'END'
	severity=6 decision=tag||not raised
	decision=tag||not raised
	severity=6||to act on
	|--where=tags~one|to act on
	severity=6 decision=tag|--all|to act on
	msgid=CLOSE||to act on
	msgid=STATS||not raised
	age=90||too old
	age=-90||too old
	age=30||to act on
	age=90|--max-age=600|to act on
	age=100000|--max-age=0|to act on
	|--where=dpt=443|to act on
	|--where=dpt=80|not what --where wants
	boot=0000000000000000||to act on; 1 processes left alone
	start=1||to act on; 1 processes left alone
	pkey=1:1||to act on; 1 processes left alone
	pkey=x||to act on; 1 processes left alone
END
cat one one >twice
raised pid=$other msgid=CLOSE cid="$(sed 's/.*externalId="\([^"]*\)".*/\1/' one)" \
	externalId=close >>twice
act twice
says '3 lines; 2 of a connection that was acted on before; 1 to act on'
printf 'x\n\n<86>1 2026-11-22T08:00:00Z h pidtreed 1 CONNECT [event@1 dpt="y"] z\n' >odd
head -c 70000 /dev/zero | tr '\0' x >>odd
printf '\nno end' >>odd
act odd
says '4 lines; 2 not of pidtreed; 1 malformed; 1 too long'

# What a command is given.
# shellcheck disable=SC2016
raised pid=$other sproc='$(id)`id`' cmd="a 'b' \$'\\x1bc'" exe="$(printf '/\033[m\302\233')" \
	>hostile
cat >show <<'END'
#!/bin/sh
cat >"$1"
env | grep '^PIDTREE_' | sort >"$2"
END
chmod +x show
PIDTREE_DST=forged act hostile -- "$PWD/show" "$PWD/a b" "$PWD/env"
"$pidtree" show --json hostile >want
cmp want 'a b' || fail 'standard input'
says '^PIDTREE_DST=203.0.113.4$' env
says '^PIDTREE_DPT=443$' env
# shellcheck disable=SC2016
says '^PIDTREE_SPROC=$(id)`id`$' env
says '^PIDTREE_EXE=/\\x1b\[m\\xc2\\x9b$' env
says "^PIDTREE_SPROC1=systemd\$" env
says '^PIDTREE_MSGID=CONNECT$' env
says '^PIDTREE_TEXT=web-7 alice: curl(' env
grep -q '^PIDTREE_DONE=' env && fail 'nothing was done'
grep -vq '^PIDTREE_[A-Z0-9]*=' env && fail 'a name or a line of its own'
act one --ecs -- "$PWD/show" "$PWD/ecs" /dev/null
"$pidtree" export --ecs one | cmp - ecs || fail 'ECS'
raised pid=$other start=1 >gone
act gone --stop -- "$PWD/show" "$PWD/j" "$PWD/env"
says "^PIDTREE_DONE=left alone: its number is another process's now$" env
# shellcheck disable=SC2016
NOTIFY_SOCKET=/x LISTEN_FDS=3 KEPT='a b' act one -- sh -c 'env >"$1"' - "$PWD/env"
says '^KEPT=a b$' env
grep -qE '^(NOTIFY|LISTEN)' env && fail "the service manager's variables"

# Bounds.
act one --timeout=1 -- sh -c 'echo begun; sleep 60 & sleep 60'
says 'sh\[[0-9]*\]: begun'
says 'ended after [0-9]* ms: out of time'
raised n=12 >many
act many --jobs=2 --waiting=3 --timeout=1 -- sleep 60
says 'overload: 2 running, 3 waiting; 1 not acted on'
# Seven, and what a slow machine has not come to in four seconds.
says '12 lines; 12 to act on; \([789]\|10\) not acted on: too many at once'
act one --output=100 -- sh -c 'yes | head -c 100000; echo end >&2'
says 'bytes left out'
[ "$(grep -c ': y$' err)" -eq 50 ] || fail 'bytes that are said'
act one -- sh -c 'printf "\033[31m\007red\n"'
says '?\[31m?red'
act one -- sh -c 'exit 3'
says 'exit 3 after'
says '1 commands failed'
# shellcheck disable=SC2016
act one -- sh -c 'kill -9 $$'
says 'signal 9 after'
act one -- nonexistent-command
says 'cannot be run: '		# a directory of PATH may be denied
raised n=300 age=100 >old
act old
says '300 lines; 300 too old; 100 lines left out here'

# The end of its input: what is under way has a while, not for ever.
begun=$(date +%s)
act one --timeout=100 -- sleep 100
[ $(($(date +%s) - begun)) -lt 60 ] || fail 'it waits for ever'
says '1 commands ended: out of time'

# The process, which is a user's own: this needs no root.
act one --stop
says "process $other stopped"
# The signal is there at once, the process takes its time.
tries=0
until grep -q '^State:.T' "/proc/$other/status" || [ $tries -gt 200 ]; do
	sleep 0.05
	tries=$((tries + 1))
done
[ $tries -le 200 ] || fail 'it is not stopped'
act gone --kill
grep -q '^State:.T' "/proc/$other/status" || fail 'another one is killed'
act one --kill
says "process $other killed"
wait $other 2>/dev/null
act one --kill
says "process $other left alone: it has ended"
raised pid=$$ >self
act self --kill
says 'left alone: it is rsyslogd, this program, or what started it'

exit $failed
