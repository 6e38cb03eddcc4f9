# Tests of the command.
if UNIT_TESTS
check_PROGRAMS += tests/unit/logfile tests/unit/record tests/unit/term
TESTS += tests/unit/logfile tests/unit/record tests/unit/term
endif
tests_unit_logfile_SOURCES = tests/unit/logfile.c
tests_unit_logfile_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS) $(ZLIB_CFLAGS)
tests_unit_logfile_LDADD = $(UNIT_LIBS)
tests_unit_record_SOURCES = tests/unit/record.c
tests_unit_record_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_record_LDADD = $(UNIT_LIBS)
tests_unit_term_SOURCES = tests/unit/term.c
tests_unit_term_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_term_LDADD = $(UNIT_LIBS)
