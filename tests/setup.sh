# SPDX-License-Identifier: BSD-2-Clause
# What ./quickstart and ./runtests do before they build; for sourcing.
# here is the top of the sources.

# missing_packages USE...: names of Debian packages, a blank after each.
missing_packages()
{
	for use; do
		sed -n "s/^$use: //p" "$here/packages.debian"
	done | tr ' ' '\n' | while read -r p; do
		dpkg-query -W -f '${db:Status-Status}\n' "$p" 2>/dev/null |
			grep -qx installed || printf '%s ' "$p"
	done
}

apt()
{
	DEBIAN_FRONTEND=noninteractive LC_ALL=C apt-get \
		-o Acquire::Retries=3 --no-install-recommends "$@" </dev/null
}

# copy_tree DIR: the sources without anything that was built among them, so
# that the clone stays as it is and nothing in it is found by mistake.
copy_tree()
{
	mkdir -p "$1"
	tar -C "$here" --exclude-vcs --exclude=./.quickstart \
		--exclude=./.runtests --exclude='./build*' \
		--exclude=./fuzz-build --exclude=./configure \
		--exclude='./config.*' --exclude=./Makefile --exclude='*.[oa]' \
		--exclude='*.skel.h' --exclude=./autom4te.cache -cf - . |
		tar -C "$1" -xf -
}

# In a mount namespace of its own (unshare --mount --propagation unchanged):
# nothing that is mounted from here on is seen outside.  unshare cannot do it
# in a chroot, where / is no mount.
private_mounts()
{
	while read -r _ _ _ _ point _; do
		mount --make-private "$(printf %b "$point")" 2>/dev/null || :
	done </proc/self/mountinfo
}
