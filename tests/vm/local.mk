# Debian's kernels (tests/vm/run, by hand) and systems (tests/vm/systems), in
# emulated machines.
if DAEMON
check_PROGRAMS += tests/vm/legacy
endif
tests_vm_legacy_SOURCES = tests/vm/legacy.c
tests_vm_legacy_CFLAGS = $(SYSTEM_CFLAGS)
tests_vm_legacy_LDFLAGS = -static

.PHONY: vm-programs
vm-programs: tests/system/load tests/system/serve tests/system/storm \
	tests/system/flood tests/vm/legacy

EXTRA_DIST += tests/vm/run tests/vm/kernel tests/vm/image tests/vm/init \
	tests/vm/inside tests/vm/lib.sh tests/vm/systems tests/vm/disk \
	tests/vm/disk-hook tests/vm/packages tests/vm/debs \
	tests/vm/scenarios tests/vm/guest
