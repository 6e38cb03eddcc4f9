#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# pidtree lookup: each published finding asked of logs that were written for
# it: the connection of its own, one that is nearly it, or none.
# shellcheck source=tests/command/lib.sh
. "${srcdir:-.}/tests/command/lib.sh"

command -v python3 >/dev/null || { echo 'python3 is missing'; exit 77; }
expect 0 python3 "$srcdir/tests/command/lookup_findings.py" "$pidtree" \
	"$data/findings"
cat out
exit "$failed"
