#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# pidtree rules: check and test, and the starting set.
# shellcheck source=tests/command/lib.sh
. "${srcdir:-.}/tests/command/lib.sh"

command -v python3 >/dev/null || { echo 'python3 is missing'; exit 77; }
export PYTHONDONTWRITEBYTECODE=1

# The starting set has no trouble, and nothing to be warned of.
expect 0 "$pidtree" rules check "$srcdir"/rules/*.yaml
says '^17 rules, hash [0-9a-f]*$' out
[ -s err ] && fail "warned: $(cat err)"
python3 "$srcdir/tests/command/rules.py" "$pidtree" "$srcdir"/rules/*.yaml ||
	fail 'rules.py'

cat >drop.yaml <<'X'
- name: all of it
  where: dpt = 443
  action: drop
- name: chosen by anybody
  where: exe = /usr/bin/x or suser = y and dst = 192.0.2.1
  action: drop
- name: fixed
  where: exe = /usr/bin/x and suser = y and dst in 192.0.2.0/24
  action: drop
- name: fixed without a destination
  event: [exec, open]
  where: exe = /usr/bin/x and suser = y
  action: drop
- name: an exec of anybody
  event: exec
  where: exe = /usr/bin/x
  action: drop
X
expect 0 "$pidtree" rules check drop.yaml
says '^5 rules' out
says 'drop.yaml:1:3: rule "all of it" drops, and does not fix exe, suser, dst' \
	err
says 'rule "chosen by anybody" drops, and does not fix exe, suser, dst' err
says 'rule "an exec of anybody" drops, and does not fix suser: .* of them$' err
grep -q fixed err && fail 'warned of what is fixed'

cat >bad.yaml <<'X'
- name: x
  where: exee = /bin/sh
X
expect 2 "$pidtree" rules check bad.yaml
says 'bad.yaml:2:10: where: unknown field "exee", did you mean "exe"' err
expect 2 "$pidtree" rules check bad.yaml drop.yaml
expect 2 "$pidtree" rules check missing.yaml
says 'missing.yaml: cannot be read: No such file' err
expect 2 "$pidtree" rules check drop.yaml drop.yaml
says 'drop.yaml:1:9: name: "all of it" is given twice' err
expect 2 "$pidtree" rules check
expect 2 "$pidtree" rules check --tset
says '^pidtree rules check: .*--tset' err
expect 0 "$pidtree" rules check -- drop.yaml
for command in check test ls add rm; do
	for option in -h --help; do
		expect 0 "$pidtree" rules "$command" "$option"
		says '^usage: pidtree rules check' out
	done
done

# given FILE COMMAND...: with that as standard input.
# shellcheck disable=SC2317,SC2329 # expect calls it
given()
{
	input=$1
	shift
	"$@" <"$input"
}

expect 2 given bad.yaml "$pidtree" rules check -
says '^pidtree: -:2:10: where: unknown field "exee", did you mean "exe"' err
expect 0 given drop.yaml "$pidtree" rules check -
says '^5 rules' out
expect 2 given drop.yaml "$pidtree" rules check - drop.yaml
expect 1 given drop.yaml "$pidtree" rules test --log=/dev/null -
says '^0 messages' out
expect 2 given drop.yaml "$pidtree" rules test -
says 'standard input is the log; expected --log=PATH' err
head -c 1100000 /dev/zero | tr '\0' '#' >long
expect 2 given long "$pidtree" rules check -
says '-: cannot be read: larger than 1 MiB' err
expect 2 "$pidtree" rules tset
says 'expected check, test, ls, add or rm' err
expect 2 "$pidtree" rules test
expect 2 "$pidtree" rules test --log=missing drop.yaml
expect 1 "$pidtree" rules test --log=/dev/null drop.yaml
says '^0 messages' out
expect 0 "$pidtree" rules test --log="$srcdir/tests/data/pidtreed.log" drop.yaml
says 'drop  *all of it' out
expect 0 "$pidtree" --help
says '^  rules ' out

# Every option of --help is in the manual page.
expect 0 "$pidtree" rules --help
grep -oE -- '--[a-z]+' out | sort -u | while read -r option; do
	grep -q "Fl Fl ${option#--}" "$srcdir/man/pidtree-rules.1" ||
		echo "$option"
done >missing
[ -s missing ] && fail "not in pidtree-rules(1): $(cat missing)"

exit $failed
