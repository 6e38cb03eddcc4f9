# A fuzz target is tests/fuzz/NAME.c with LLVMFuzzerTestOneInput; its seeds are
# the files in tests/fuzz/NAME.seeds/.  `make fuzz` runs each with libFuzzer,
# `make check` runs the seeds alone.
FUZZERS =

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

EXTRA_DIST += tests/fuzz/run tests/fuzz/replay.c
