#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# What talks to a collector (status, trace, rules ls, add, rm): where there is
# none, and with what it says.
# shellcheck source=tests/command/lib.sh
. "${srcdir:-.}/tests/command/lib.sh"

command -v python3 >/dev/null || { echo 'python3 is missing'; exit 77; }

for command in status trace 'rules ls' 'rules rm x'; do
	# shellcheck disable=SC2086
	expect 2 "$pidtree" $command --socket=none
	says '^pidtree: none: no collector is there' err
	# shellcheck disable=SC2086
	expect 2 "$pidtree" $command --instance=
	says '^pidtree: --instance : expected 1 to 32 of' err
	# shellcheck disable=SC2086
	expect 2 "$pidtree" $command --instance=../x
	# shellcheck disable=SC2086
	expect 2 "$pidtree" $command --no-such
	says "^pidtree ${command%% [rx]*}.*: unrecognized option" err
done
expect 2 "$pidtree" trace 'suser ='
says '^pidtree: expression: column 8: expected a value' err
expect 2 "$pidtree" trace suser = alice
says 'does it need quotes' err

# answers LINE...: a collector that says this, to one client.
answers()
{
	rm -f control
	python3 - "$@" <<'X' &
import socket, sys
server = socket.socket(socket.AF_UNIX)
server.bind("control.new")
server.listen()
import os
os.rename("control.new", "control")
server.settimeout(30)
client = server.accept()[0]
client.settimeout(30)
client.sendall(b'{"pidtreed":"0","protocol":1,"may":"change"}\n')
while not client.recv(4096).endswith(b"\n"):
    pass
client.sendall("".join(line + "\n" for line in sys.argv[1:]).encode())
X
	server=$!
	for _ in $(seq 300); do
		[ -S control ] && return
		sleep 0.1
	done
	fail 'no server'
}

well='{"status":{"healthy":true,"reasons":[],"pid":7,"probes":[
{"name":"dns-connect4","state":"active"},{"name":"close","state":"refused",
"reason":"\u001b[31mno"},{"name":"exec-log-again","state":"off"},
{"name":"x"}],"counters":{"a":1}}}'
well=$(echo "$well" | tr -d '\n')
answers "$well"
expect 0 "$pidtree" status --socket=control
says '^probes  *dns-connect4  *active$' out
says '^  *close  *refused: ' out
says '^  *exec-log-again  *off$' out
grep -q "$(printf '\033')" out && fail 'an escape sequence'
wait "$server"
answers "$well"
expect 0 "$pidtree" status --prometheus --socket=control
says '^pidtreed_probe_refused{probe="close"} 1$' out
wait "$server"
answers '{"status":{"healthy":false}}'
expect 1 "$pidtree" status --json --socket=control
wait "$server"
answers '{"error":"no"}'
expect 2 "$pidtree" status --socket=control
says '^pidtree: control: no$' err
wait "$server"
answers '{"rules":1,"hash":"abc"}'
expect 0 "$pidtree" rules ls --socket=control
says '^1 rule, hash abc$' out
wait "$server"
answers '{"rules":2,"hash":"abc"}'
expect 0 "$pidtree" rules ls --socket=control
says '^2 rules, hash abc$' out
wait "$server"

exit $failed
