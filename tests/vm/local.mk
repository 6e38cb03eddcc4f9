# Debian's own kernels in an emulated machine: tests/vm/run, by hand.
if DAEMON
check_PROGRAMS += tests/vm/legacy
endif
tests_vm_legacy_SOURCES = tests/vm/legacy.c
tests_vm_legacy_CFLAGS = $(SYSTEM_CFLAGS)
tests_vm_legacy_LDFLAGS = -static

.PHONY: vm-programs
vm-programs: tests/system/load tests/system/serve tests/system/storm \
	tests/vm/legacy

EXTRA_DIST += tests/vm/run tests/vm/kernel tests/vm/image tests/vm/init \
	tests/vm/inside
