# Unit tests: tables, no root.  One program per module, cmocka.
if UNIT_TESTS
check_PROGRAMS += tests/unit/buf
TESTS += tests/unit/buf
endif
UNIT_LIBS = $(COMMAND_LIBS) $(CMOCKA_LIBS)
tests_unit_buf_SOURCES = tests/unit/buf.c
tests_unit_buf_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_buf_LDADD = $(UNIT_LIBS)
