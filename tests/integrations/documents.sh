#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The integrations: their tables are made of ours, and what they make of a log
# is what `pidtree export --ecs` makes of it.
# shellcheck source=tests/command/lib.sh
. "${srcdir:-.}/tests/command/lib.sh"

command -v python3 >/dev/null || { echo 'python3 is missing'; exit 77; }
here=$srcdir/tests/integrations
files=$srcdir/integrations

"$pidtree" export --fields >fields
expect 0 python3 "$files/update" --check fields "$files"
[ -s out ] && { fail 'run integrations/update'; cat out; }
cp -R "$files" changed && chmod -R u+w changed
sed 's/destination\.ip/destination.address/' fields >other
expect 1 python3 changed/update --check other changed
lines 3 out

# Messages as pidtreed writes them: no raw control characters.
LC_ALL=C grep -v "$(printf '\033')" "$data/pidtreed.log" | sed '$d' >log
[ ! -x "$tests/delivery/nasty" ] || "$tests/delivery/nasty" 1000 >>log
"$pidtree" export --ecs log >want 2>/dev/null
grep ' pidtreed 7' log >ours
[ -x "$tests/delivery/nasty" ] && "$tests/delivery/nasty" 1000 >>ours
cat >bad <<-'END'
	<38>1 2026-11-22T08:00:00Z h sshd 1 - - not ours
	plain
	<86>1 2026-11-22T08:00:00Z h pidtreed 1 CONNECT [event@1 dpt="1
	<86>1 2026-11-22T08:00:00Z h pidtreed 1 CONNECT [event@1 dpt="1"
	<86>1 2026-11-22T08:00:00Z h pidtreed 1 CONNECT [event@1 dpt=1]
	<86>1 2026-11-22T08:00:00Z h pidtreed 1 CONNECT [event@1 exe="a]b"]
END
"$pidtree" export --ecs ours >want 2>/dev/null

# same_documents NAME IGNORED...: of got, and says what it was.
same_documents()
{
	name=$1
	shift
	if python3 "$here/same.py" want got "$@" >differ; then
		echo "$name: $(cat differ)"
	else
		fail "$name"
		cat differ
	fi
}

ran=
for lua in lua5.1 luajit lua5.3 lua5.4; do
	command -v $lua >/dev/null || continue
	for how in fluent-bit vector; do
		ran=$ran$lua
		$lua "$here/lines.lua" "$files/lua/pidtreed.lua" $how \
			<ours >got 2>err || fail "$lua: $(cat err)"
		same_documents "$lua $how"
		$lua "$here/lines.lua" "$files/lua/pidtreed.lua" $how \
			<bad >out
		lines 6 out
		[ "$(grep -c '"pidtreed: malformed structured data"' out)" \
			-eq 4 ] || fail "$lua $how: malformed lines"
	done
done
[ -n "$ran" ] || echo 'not run: the Lua script (no lua5.1)'

if java --list-modules 2>/dev/null | grep -q '^jdk.compiler'; then
	python3 "$here/painless.py" "$files/elasticsearch/pipeline.json" \
		Script.java
	java Script.java <ours >got 2>err || fail "Painless: $(cat err)"
	same_documents 'Elasticsearch pipeline' _id
	java Script.java <bad >out 2>err || fail "Painless: $(cat err)"
	lines 6 out
	[ "$(grep -c '"exception":"offset [0-9]*: ' out)" -eq 4 ] ||
		fail 'Painless: malformed lines'
	[ "$(grep -c '^{"message":"[^"]*"}$' out)" -eq 2 ] ||
		fail "Painless: lines that are not ours"
else
	echo 'not run: the pipeline script (no Java compiler)'
fi

# The Splunk add-on's expressions, as Splunk applies them.
"$pidtree" show --json --all ours >objects 2>/dev/null
python3 "$here/splunk.py" "$files/splunk/TA-pidtreed" ours objects fields \
	>differ || fail 'Splunk add-on'
echo "Splunk add-on: $(cat differ)"
sed -n 's/^REGEX = //p' "$files/splunk/TA-pidtreed/default/transforms.conf" \
	>expressions
lines 3 expressions
while read -r expression; do	# PCRE, as Splunk has it
	printf '%s\n' "$expression" | grep -qP -f - ours ||
		fail "PCRE: $expression"
done <expressions

exit $failed
