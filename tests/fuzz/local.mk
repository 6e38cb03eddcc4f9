# A fuzz target is tests/fuzz/NAME.c with LLVMFuzzerTestOneInput; its seeds are
# the files in tests/fuzz/NAME.seeds/.  `make fuzz` runs each with libFuzzer,
# `make check` runs the seeds alone.
FUZZERS = tests/fuzz/parser tests/fuzz/conf tests/fuzz/redact tests/fuzz/expr \
	tests/fuzz/box tests/fuzz/rules tests/fuzz/request tests/fuzz/dns

if FUZZING
FUZZ_MAIN =
LDFLAGS_FUZZ = $(AM_LDFLAGS) -fsanitize=fuzzer
noinst_PROGRAMS += $(FUZZERS)
else
FUZZ_MAIN = tests/fuzz/replay.c
LDFLAGS_FUZZ = $(AM_LDFLAGS)
check_PROGRAMS += $(FUZZERS)
TESTS += $(FUZZERS)
endif
LIBS_FUZZ = $(COMMAND_LIBS)

.PHONY: fuzzers
fuzzers: $(FUZZERS)

tests_fuzz_conf_SOURCES = tests/fuzz/conf.c $(FUZZ_MAIN)
tests_fuzz_conf_LDFLAGS = $(LDFLAGS_FUZZ)
tests_fuzz_conf_LDADD = $(LIBS_FUZZ)
EXTRA_DIST += tests/fuzz/conf.seeds

EXTRA_DIST += tests/fuzz/run tests/fuzz/replay.c

tests_fuzz_parser_SOURCES = tests/fuzz/parser.c tests/abnf.h tests/same.h \
	$(FUZZ_MAIN)
tests_fuzz_parser_LDFLAGS = $(LDFLAGS_FUZZ)
tests_fuzz_parser_LDADD = $(LIBS_FUZZ)
EXTRA_DIST += tests/fuzz/parser.seeds

tests_fuzz_dns_SOURCES = tests/fuzz/dns.c $(FUZZ_MAIN)
tests_fuzz_dns_LDFLAGS = $(LDFLAGS_FUZZ)
tests_fuzz_dns_LDADD = $(LIBS_FUZZ)
EXTRA_DIST += tests/fuzz/dns.seeds

tests_fuzz_redact_SOURCES = tests/fuzz/redact.c $(FUZZ_MAIN)
tests_fuzz_redact_LDFLAGS = $(LDFLAGS_FUZZ)
tests_fuzz_redact_LDADD = $(LIBS_FUZZ)
EXTRA_DIST += tests/fuzz/redact.seeds

tests_fuzz_expr_SOURCES = tests/fuzz/expr.c $(FUZZ_MAIN)
tests_fuzz_expr_LDFLAGS = $(LDFLAGS_FUZZ)
tests_fuzz_expr_LDADD = $(LIBS_FUZZ)
EXTRA_DIST += tests/fuzz/expr.seeds

tests_fuzz_rules_SOURCES = tests/fuzz/rules.c $(FUZZ_MAIN)
tests_fuzz_rules_LDFLAGS = $(LDFLAGS_FUZZ)
tests_fuzz_rules_LDADD = $(LIBS_FUZZ)
EXTRA_DIST += tests/fuzz/rules.seeds

tests_fuzz_box_SOURCES = tests/fuzz/box.c $(FUZZ_MAIN)
tests_fuzz_box_LDFLAGS = $(LDFLAGS_FUZZ)
tests_fuzz_box_LDADD = $(LIBS_FUZZ)
EXTRA_DIST += tests/fuzz/box.seeds

tests_fuzz_request_SOURCES = tests/fuzz/request.c $(FUZZ_MAIN)
tests_fuzz_request_LDFLAGS = $(LDFLAGS_FUZZ)
tests_fuzz_request_LDADD = $(LIBS_FUZZ)
EXTRA_DIST += tests/fuzz/request.seeds
