# The system tests' programs; `make check' builds them, tests/system/run runs
# what needs root and BTF.  Static, without the sanitizers: they must start in
# an empty root, and are the measure, not what is measured.
system_programs = tests/system/load tests/system/serve tests/system/storm \
	tests/system/flood
if DAEMON
check_PROGRAMS += $(system_programs)
endif
SYSTEM_CFLAGS = -std=gnu11 -Wall -Wextra -Wshadow -Wmissing-prototypes \
	-Wstrict-prototypes

tests_system_load_SOURCES = tests/system/load.c tests/system/load.h \
	tests/system/know.c tests/system/know.h tests/system/birth.c \
	tests/system/place.c tests/system/image.c tests/system/attempt.c \
	tests/system/uring.c
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

.PHONY: system-programs
system-programs: $(system_programs)

EXTRA_DIST += tests/system/rfc5424_strict.py tests/system/strict_test.py
