# Unit tests: tables, no root.  One program per module, cmocka, each linked to
# the same library as the daemon and the command.
UNIT_LIBS = $(COMMAND_LIBS) $(CMOCKA_LIBS)
UNIT_DAEMON_LIBS = $(DAEMON_LIBS) $(CMOCKA_LIBS)

if UNIT_TESTS
check_PROGRAMS += tests/unit/buf
TESTS += tests/unit/buf
endif
tests_unit_buf_SOURCES = tests/unit/buf.c
tests_unit_buf_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_buf_LDADD = $(UNIT_LIBS)

include tests/fuzz/local.mk
