# Unit tests: tables, no root.  One program per module, cmocka, each linked to
# the same library as the daemon and the command.
UNIT_LIBS = $(COMMAND_LIBS) $(CMOCKA_LIBS)
UNIT_DAEMON_LIBS = $(DAEMON_LIBS) $(CMOCKA_LIBS)

if UNIT_TESTS
check_PROGRAMS += tests/unit/buf
TESTS += tests/unit/buf
check_PROGRAMS += tests/unit/text tests/unit/fields tests/unit/rfc5424 \
	tests/unit/rfc5424-random tests/unit/redact
TESTS += tests/unit/text tests/unit/fields tests/unit/rfc5424 \
	tests/unit/rfc5424-random tests/unit/redact
check_PROGRAMS += tests/unit/filter tests/unit/filter-naive
TESTS += tests/unit/filter tests/unit/filter-naive
check_PROGRAMS += tests/unit/expr tests/unit/pattern tests/unit/rules \
	tests/unit/rules-leave tests/unit/digests \
	tests/unit/dns
TESTS += tests/unit/expr tests/unit/pattern tests/unit/rules \
	tests/unit/rules-leave tests/unit/digests \
	tests/unit/dns
check_PROGRAMS += tests/unit/conf tests/unit/conf-files tests/unit/proxyenv \
	tests/unit/watchpath tests/unit/filepath
TESTS += tests/unit/conf tests/unit/conf-files tests/unit/proxyenv \
	tests/unit/watchpath tests/unit/filepath
endif
tests_unit_buf_SOURCES = tests/unit/buf.c
tests_unit_buf_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_buf_LDADD = $(UNIT_LIBS)
tests_unit_text_SOURCES = tests/unit/text.c
tests_unit_text_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_text_LDADD = $(UNIT_LIBS)
tests_unit_fields_SOURCES = tests/unit/fields.c
tests_unit_fields_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_fields_LDADD = $(UNIT_LIBS)
tests_unit_rfc5424_SOURCES = tests/unit/rfc5424.c tests/abnf.h tests/same.h
tests_unit_rfc5424_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_rfc5424_LDADD = $(UNIT_LIBS)
tests_unit_rfc5424_random_SOURCES = tests/unit/rfc5424-random.c \
	tests/abnf.h tests/same.h
tests_unit_rfc5424_random_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_rfc5424_random_LDADD = $(UNIT_LIBS)
tests_unit_redact_SOURCES = tests/unit/redact.c
tests_unit_redact_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_redact_LDADD = $(UNIT_LIBS)

tests_unit_expr_SOURCES = tests/unit/expr.c
tests_unit_expr_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_expr_LDADD = $(UNIT_LIBS)
tests_unit_rules_leave_SOURCES = tests/unit/rules-leave.c
tests_unit_rules_leave_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_rules_leave_LDADD = $(UNIT_LIBS)
tests_unit_pattern_SOURCES = tests/unit/pattern.c
tests_unit_pattern_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_pattern_LDADD = $(UNIT_LIBS)
tests_unit_digests_SOURCES = tests/unit/digests.c
tests_unit_digests_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_digests_LDADD = $(UNIT_LIBS)
tests_unit_rules_SOURCES = tests/unit/rules.c tests/unit/capture.h
tests_unit_rules_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_rules_LDADD = $(UNIT_LIBS)
tests_unit_dns_SOURCES = tests/unit/dns.c
tests_unit_dns_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_dns_LDADD = $(UNIT_LIBS)
tests_unit_filter_SOURCES = tests/unit/filter.c tests/unit/lists.h
tests_unit_filter_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_filter_LDADD = $(UNIT_LIBS)
tests_unit_filter_naive_SOURCES = tests/unit/filter-naive.c tests/unit/lists.h
tests_unit_filter_naive_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_filter_naive_LDADD = $(UNIT_LIBS)
tests_unit_conf_SOURCES = tests/unit/conf.c tests/unit/capture.h
tests_unit_conf_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_conf_LDADD = $(UNIT_LIBS)
tests_unit_watchpath_SOURCES = tests/unit/watchpath.c
tests_unit_watchpath_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_watchpath_LDADD = $(UNIT_LIBS)
tests_unit_filepath_SOURCES = tests/unit/filepath.c
tests_unit_filepath_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_filepath_LDADD = $(UNIT_LIBS)
tests_unit_conf_files_SOURCES = tests/unit/conf-files.c tests/unit/capture.h
tests_unit_conf_files_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_conf_files_LDADD = $(UNIT_LIBS)
tests_unit_proxyenv_SOURCES = tests/unit/proxyenv.c tests/unit/capture.h
tests_unit_proxyenv_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_proxyenv_LDADD = $(UNIT_LIBS)

EXTRA_DIST += tests/bpf-stack
if DAEMON
TESTS += tests/bpf-stack
if UNIT_TESTS
check_PROGRAMS += tests/unit/cache tests/unit/inflight tests/unit/cgroup2 \
	tests/unit/connection tests/unit/addrnames tests/unit/dns_names \
	tests/unit/boxes \
	tests/unit/boxfilter tests/unit/watcher tests/unit/volume
TESTS += tests/unit/cache tests/unit/inflight tests/unit/cgroup2 \
	tests/unit/connection tests/unit/addrnames tests/unit/dns_names \
	tests/unit/boxes \
	tests/unit/boxfilter tests/unit/watcher tests/unit/volume
endif
endif
tests_unit_cache_SOURCES = tests/unit/cache.c
tests_unit_cache_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_cache_LDADD = $(UNIT_DAEMON_LIBS)
tests_unit_inflight_SOURCES = tests/unit/inflight.c
tests_unit_inflight_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_inflight_LDADD = $(UNIT_DAEMON_LIBS)
tests_unit_cgroup2_SOURCES = tests/unit/cgroup2.c
tests_unit_cgroup2_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_cgroup2_LDADD = $(UNIT_DAEMON_LIBS)
tests_unit_connection_SOURCES = tests/unit/connection.c
tests_unit_connection_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_connection_LDADD = $(UNIT_DAEMON_LIBS)
tests_unit_dns_names_SOURCES = tests/unit/dns_names.c
tests_unit_dns_names_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_dns_names_LDADD = $(UNIT_DAEMON_LIBS)
tests_unit_addrnames_SOURCES = tests/unit/addrnames.c tests/unit/capture.h
tests_unit_addrnames_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_addrnames_LDADD = $(UNIT_DAEMON_LIBS)
tests_unit_boxes_SOURCES = tests/unit/boxes.c
tests_unit_boxes_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_boxes_LDADD = $(UNIT_DAEMON_LIBS)
tests_unit_boxfilter_SOURCES = tests/unit/boxfilter.c
tests_unit_boxfilter_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_boxfilter_LDADD = $(UNIT_LIBS)

tests_unit_watcher_SOURCES = tests/unit/watcher.c
tests_unit_watcher_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_watcher_LDADD = $(UNIT_DAEMON_LIBS)
tests_unit_volume_SOURCES = tests/unit/volume.c
tests_unit_volume_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_volume_LDADD = $(UNIT_DAEMON_LIBS)

include tests/fuzz/local.mk
include tests/command/local.mk
include tests/integrations/local.mk
include tests/delivery/local.mk
include tests/system/local.mk
include tests/bench/local.mk
include tests/vm/local.mk
