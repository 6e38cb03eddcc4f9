# SPDX-License-Identifier: BSD-2-Clause
# For what runs in a test's machine; for sourcing.  log is the collector's log.

# result NAME COMMAND...: what it is worth.
result()
{
	result_name=$1
	shift
	if "$@" >/tmp/said 2>&1; then
		echo "PASS: $result_name"
	else
		sed 's/^/| /' /tmp/said
		echo "FAIL: $result_name"
		return 1
	fi
}

# until_true SECONDS COMMAND...: waits for it.
until_true()
{
	until_end=$(($(date +%s) + $1))
	shift
	while ! "$@"; do
		[ "$(date +%s)" -le "$until_end" ] || return 1
		sleep 0.2
	done
}

# message PATTERN...: one line of the log has them all.
message()
{
	lines=$(grep -aE -e "$1" "$log" 2>/dev/null) || return
	shift
	for p; do
		lines=$(printf '%s\n' "$lines" | grep -aE -e "$p") || return
	done
}

# has PATTERN...: such a message comes within a minute.
has()
{
	until_true 60 message "$@" && return
	echo "no message with: $*"
	grep -aE -e "$1" "$log" | tail -n 3
	tail -n 3 "$log"
	cat "$log.err" 2>/dev/null
	return 1
}
