#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# pidtree show --follow: what is added, over a rename and over truncation.
# shellcheck source=tests/command/lib.sh
. "${srcdir:-.}/tests/command/lib.sh"

message()
{
	echo "<86>1 2026-11-22T08:00:00Z web-7 pidtreed 1 CLOCK [meta" \
		"sequenceId=\"$1\"][event@32473 after=\"2026-11-22T08:00:00Z\"]" \
		"clock"
}

# Until the output has so many lines; 10 s at most.
wait_for()
{
	i=0
	while [ "$(wc -l <out)" -lt "$1" ] && [ $i -lt 100 ]; do
		i=$((i + 1))
		sleep 0.1
	done
	lines "$1" out
	tail -n 1 out | grep -q "\"sequenceId\":$2[,}]" ||
		fail "expected $2 last: $(tail -n 1 out)"
}

: >out
for n in 1 2 3 4; do message $n; done >log
"$pidtree" show --json --follow -n 2 log >out 2>err &
pid=$!
trap 'kill $pid 2>/dev/null; rm -rf "$tmp"' EXIT
wait_for 2 4
message 5 >>log
wait_for 3 5
message 6 | head -c 50 >>log
sleep 0.6
lines 3 out
message 6 | tail -c +51 >>log
wait_for 4 6
mv log log.1
message 7 >>log.1
message 8 >log
wait_for 6 8
: >log
sleep 0.6
message 9 >>log
wait_for 7 9
kill -0 $pid || fail 'it has ended'
kill $pid
wait $pid 2>/dev/null
[ -s err ] && fail "$(cat err)"
exit $failed
