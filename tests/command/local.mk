# Tests of the command: what it prints, and the modules it is made of.
COMMAND_TESTS = tests/command/show.sh tests/command/terminal.sh \
	tests/command/follow.sh tests/command/rsyslog.sh \
	tests/command/forward.sh tests/command/act.sh \
	tests/command/export.sh tests/command/lookup.sh \
	tests/command/rules.sh tests/command/live.sh
TESTS += $(COMMAND_TESTS)
EXTRA_DIST += tests/command/rules.py tests/command/raised.py tests/command/lookup.py tests/command/messages.py
EXTRA_DIST += $(COMMAND_TESTS) tests/command/lib.sh tests/command/on-terminal \
	tests/data/pidtreed.log tests/data/show-80.txt \
	tests/data/show-all.txt tests/data/show.json \
	tests/command/same_export.py tests/data/export-ecs.json \
	tests/data/export-cef.txt

if UNIT_TESTS
check_PROGRAMS += tests/unit/logfile tests/unit/record tests/unit/term
TESTS += tests/unit/logfile tests/unit/record tests/unit/term
check_PROGRAMS += tests/unit/search tests/unit/search-files
TESTS += tests/unit/search tests/unit/search-files
check_PROGRAMS += tests/unit/place
TESTS += tests/unit/place
check_PROGRAMS += tests/unit/finding tests/unit/finding-damage
TESTS += tests/unit/finding tests/unit/finding-damage
endif
tests_unit_search_SOURCES = tests/unit/search.c tests/unit/search-dir.h
tests_unit_search_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS) $(ZLIB_CFLAGS)
tests_unit_search_LDADD = $(UNIT_LIBS)
tests_unit_search_files_SOURCES = tests/unit/search-files.c \
	tests/unit/search-dir.h
tests_unit_search_files_CPPFLAGS = $(tests_unit_search_CPPFLAGS)
tests_unit_search_files_LDADD = $(UNIT_LIBS)
tests_unit_logfile_SOURCES = tests/unit/logfile.c
tests_unit_logfile_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS) $(ZLIB_CFLAGS)
tests_unit_logfile_LDADD = $(UNIT_LIBS)
tests_unit_record_SOURCES = tests/unit/record.c
tests_unit_record_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_record_LDADD = $(UNIT_LIBS)
tests_unit_term_SOURCES = tests/unit/term.c
tests_unit_term_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_term_LDADD = $(UNIT_LIBS)
tests_unit_place_SOURCES = tests/unit/place.c
tests_unit_place_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_place_LDADD = $(UNIT_LIBS)

TESTS += tests/command/lookup-findings.sh
EXTRA_DIST += tests/command/lookup-findings.sh \
	tests/command/lookup_findings.py
tests_unit_finding_SOURCES = tests/unit/finding.c tests/unit/finding-test.h
tests_unit_finding_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_finding_LDADD = $(UNIT_LIBS)
tests_unit_finding_damage_SOURCES = tests/unit/finding-damage.c \
	tests/unit/finding-test.h
tests_unit_finding_damage_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS) \
	$(ZLIB_CFLAGS)
tests_unit_finding_damage_LDADD = $(UNIT_LIBS)
EXTRA_DIST += tests/data/findings

FUZZERS += tests/fuzz/finding
tests_fuzz_finding_SOURCES = tests/fuzz/finding.c $(FUZZ_MAIN)
tests_fuzz_finding_LDFLAGS = $(LDFLAGS_FUZZ)
tests_fuzz_finding_LDADD = $(LIBS_FUZZ)
EXTRA_DIST += tests/fuzz/finding.seeds

FUZZERS += tests/fuzz/show
tests_fuzz_show_SOURCES = tests/fuzz/show.c $(FUZZ_MAIN)
tests_fuzz_show_LDFLAGS = $(LDFLAGS_FUZZ)
tests_fuzz_show_LDADD = $(LIBS_FUZZ)
EXTRA_DIST += tests/fuzz/show.seeds

FUZZERS += tests/fuzz/light
tests_fuzz_light_SOURCES = tests/fuzz/light.c $(FUZZ_MAIN)
tests_fuzz_light_LDFLAGS = $(LDFLAGS_FUZZ)
tests_fuzz_light_LDADD = $(LIBS_FUZZ)
EXTRA_DIST += tests/fuzz/light.seeds

FUZZERS += tests/fuzz/export
tests_fuzz_export_SOURCES = tests/fuzz/export.c $(FUZZ_MAIN)
tests_fuzz_export_CPPFLAGS = $(AM_CPPFLAGS) $(FJSON_CFLAGS)
tests_fuzz_export_LDFLAGS = $(LDFLAGS_FUZZ)
tests_fuzz_export_LDADD = $(LIBS_FUZZ)
EXTRA_DIST += tests/fuzz/export.seeds

FUZZERS += tests/fuzz/act
tests_fuzz_act_SOURCES = tests/fuzz/act.c $(FUZZ_MAIN)
tests_fuzz_act_CPPFLAGS = $(AM_CPPFLAGS) $(FJSON_CFLAGS)
tests_fuzz_act_LDFLAGS = $(LDFLAGS_FUZZ)
tests_fuzz_act_LDADD = $(LIBS_FUZZ)
EXTRA_DIST += tests/fuzz/act.seeds
