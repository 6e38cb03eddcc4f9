# What it costs: `make bench', as root.  Prints figures and the machine; never
# fails because something is slow.
EXTRA_PROGRAMS =
if DAEMON
bench_programs = tests/bench/loop tests/bench/tiny tests/bench/visit \
	tests/bench/drain tests/bench/replay
EXTRA_PROGRAMS += $(bench_programs)
CLEANFILES += $(bench_programs)

# What is measured starts as fast as can be.
tests_bench_loop_SOURCES = tests/bench/loop.c tests/bench/loop.h
tests_bench_loop_CFLAGS = $(SYSTEM_CFLAGS)
tests_bench_loop_LDFLAGS = -static
tests_bench_tiny_SOURCES = tests/bench/tiny.c tests/bench/loop.h
tests_bench_tiny_CFLAGS = $(SYSTEM_CFLAGS) -ffreestanding -fno-stack-protector
tests_bench_tiny_LDFLAGS = -static -nostdlib
tests_bench_visit_SOURCES = $(tests_bench_tiny_SOURCES)
tests_bench_visit_CPPFLAGS = $(AM_CPPFLAGS) -DVISIT
tests_bench_visit_CFLAGS = $(tests_bench_tiny_CFLAGS)
tests_bench_visit_LDFLAGS = $(tests_bench_tiny_LDFLAGS)
tests_bench_drain_SOURCES = tests/bench/drain.c tests/bench/loop.h
tests_bench_replay_SOURCES = tests/bench/replay.c tests/bench/loop.h
tests_bench_replay_CPPFLAGS = $(AM_CPPFLAGS) $(EVENT_CFLAGS)
tests_bench_replay_LDADD = $(DAEMON_LIBS)

# `all' is a make of its own; beside it, another would build the same.
bench: all
	$(MAKE) $(AM_MAKEFLAGS) $(bench_programs)
	$(srcdir)/tests/bench/run tests/bench $(PIDTREED)
	$(MAKE) $(AM_MAKEFLAGS) bench-lookup
PIDTREED = src/pidtreed
else
bench: bench-lookup
endif

# The search of logs, and `pidtree lookup' on top of it: needs no root, but 4
# GB below TMPDIR.
lookup_programs = tests/bench/logs tests/bench/find tests/bench/rules
EXTRA_PROGRAMS += $(lookup_programs)
CLEANFILES += $(lookup_programs)
tests_bench_logs_SOURCES = tests/bench/logs.c
tests_bench_logs_LDADD = $(COMMAND_LIBS)
tests_bench_rules_SOURCES = tests/bench/rules.c
tests_bench_rules_LDADD = $(COMMAND_LIBS)
tests_bench_find_SOURCES = tests/bench/find.c
tests_bench_find_LDADD = $(COMMAND_LIBS)

bench-lookup: all
	$(MAKE) $(AM_MAKEFLAGS) $(lookup_programs)
	tests/bench/rules
	$(srcdir)/tests/bench/search tests/bench src/pidtree $(BENCH_MIB)
BENCH_MIB = 2048

.PHONY: bench bench-lookup
EXTRA_DIST += tests/bench/busy tests/bench/clients.py tests/bench/run \
	tests/bench/collector.py tests/bench/search
