# The system tests' programs; `make check' builds them, tests/system/run runs
# what needs root and BTF.  Static, without the sanitizers: they must start in
# an empty root, and are the measure, not what is measured.
system_programs = tests/system/load tests/system/serve tests/system/storm \
	tests/system/flood tests/system/ask
if DAEMON
check_PROGRAMS += $(system_programs)
endif
SYSTEM_CFLAGS = -std=gnu11 -Wall -Wextra -Wshadow -Wmissing-prototypes \
	-Wstrict-prototypes

tests_system_load_SOURCES = tests/system/load.c tests/system/load.h \
	tests/system/know.c tests/system/know.h tests/system/birth.c \
	tests/system/place.c tests/system/image.c tests/system/attempt.c \
	tests/system/datagram.c tests/system/uring.c
tests_system_load_CFLAGS = $(SYSTEM_CFLAGS)
tests_system_load_LDFLAGS = -static
tests_system_load_LDADD = -lpthread
tests_system_serve_SOURCES = tests/system/serve.c
tests_system_serve_CFLAGS = $(SYSTEM_CFLAGS)
tests_system_serve_LDFLAGS = -static
tests_system_storm_SOURCES = tests/system/storm.c
tests_system_storm_CFLAGS = $(SYSTEM_CFLAGS)
tests_system_storm_LDFLAGS = -static
tests_system_storm_LDADD = -lpthread
tests_system_flood_SOURCES = tests/system/flood.c
tests_system_flood_CFLAGS = $(SYSTEM_CFLAGS)
tests_system_flood_LDFLAGS = -static

tests_system_ask_SOURCES = tests/system/ask.c
tests_system_ask_CFLAGS = $(SYSTEM_CFLAGS)
tests_system_ask_LDFLAGS = -static

# A name service module for the collector to wait for.
tests/system/libnss_slow.so.2: $(srcdir)/tests/system/nss_slow.c
	$(AM_V_CCLD)$(MKDIR_P) tests/system && $(CC) $(SYSTEM_CFLAGS) \
	-shared -fPIC -Wl,-soname,libnss_slow.so.2 -o $@ $<
CLEANFILES += tests/system/libnss_slow.so.2

# A collector of another version, whose kernel side has another layout.
OTHER_ABI = -DPIDTREE_ABI=9999
tests/system/other/src/pidtreed: $(sbin_PROGRAMS)
	$(AM_V_GEN)$(MKDIR_P) tests/system/other && \
	cd tests/system/other && \
	{ test -f Makefile || $(abs_srcdir)/configure -q; } && \
	$(MAKE) -s CPPFLAGS='$(OTHER_ABI)' BPFCFLAGS='$(OTHER_ABI)' all \
	>make.log 2>&1 && touch src/pidtreed
clean-local: clean-other
.PHONY: clean-other system-programs
clean-other:
	rm -rf tests/system/other

system-programs: $(system_programs) tests/system/libnss_slow.so.2 \
	tests/system/other/src/pidtreed

EXTRA_DIST += tests/system/run tests/system/nss_slow.c \
	tests/system/accept.py tests/system/act.py tests/system/away.py tests/system/badinput.py \
	tests/system/cases.py tests/system/close.py tests/system/compare.py \
	tests/system/capable.py tests/system/escape.py tests/system/open.py tests/system/control.py tests/system/crash.py \
	tests/system/stage.py tests/system/deeds.py tests/system/digest.py tests/system/dns.py tests/system/early.py \
	tests/system/exec.py tests/system/rules.py tests/system/typed.py \
	tests/system/expect.py \
	tests/system/facts.py tests/system/filter.py tests/system/generate.py \
	tests/system/histories.py tests/system/kernelside.py tests/system/lab.py \
	tests/system/leftovers.py tests/system/listen.py \
	tests/system/snapshot.py \
	tests/system/lookup.py tests/system/resolvers.py tests/system/sizes.py \
	tests/system/manager.py tests/system/planning.py \
	tests/system/rfc5424_strict.py tests/system/shelltext.py \
	tests/system/stress.py tests/system/strict_test.py \
	tests/system/syslogd.py tests/system/truth.py \
	tests/system/truthful.py tests/system/udp.py \
	tests/system/volume.py \
	tests/system/who.py
