# Delivery: sink, names, notify, host, and a real rsyslogd.
if DAEMON
if UNIT_TESTS
DELIVERY_UNITS = tests/unit/queue tests/unit/unread tests/unit/sink-socket \
	tests/unit/sink-file tests/unit/sink-auto \
	tests/unit/notify tests/unit/host \
	tests/unit/names
check_PROGRAMS += $(DELIVERY_UNITS)
TESTS += $(DELIVERY_UNITS)
endif
check_PROGRAMS += tests/delivery/feed tests/delivery/nasty \
	tests/delivery/listen
# Minutes, since real receivers fail and come back: `make check SLOW_TESTS=`
# leaves them out.
SLOW_TESTS = tests/delivery/outage tests/delivery/documents \
	tests/delivery/foreign
TESTS += tests/delivery/rsyslog tests/delivery/fields \
	tests/delivery/rotate tests/delivery/forward tests/delivery/export \
	tests/delivery/act $(SLOW_TESTS)
AM_TESTS_ENVIRONMENT = srcdir='$(srcdir)'; export srcdir;
endif
dist_check_SCRIPTS = tests/delivery/rsyslog tests/delivery/fields \
	tests/delivery/rotate tests/delivery/forward tests/delivery/export \
	tests/delivery/outage tests/delivery/documents \
	tests/delivery/foreign tests/delivery/act \
	tests/system/socket-unit
EXTRA_DIST += tests/system/rsyslog.sh tests/delivery/forward.sh \
	tests/delivery/syslog-ng.sh \
	tests/delivery/listen_plain.py tests/delivery/bulk.py \
	tests/delivery/same_documents.py tests/delivery/listen_act.py \
	tests/delivery/send_lines.py \
	tests/delivery/same_fields.py
DELIVERY_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS) $(EVENT_CFLAGS)
tests_unit_queue_SOURCES = tests/unit/queue.c
tests_unit_queue_CPPFLAGS = $(DELIVERY_CPPFLAGS)
tests_unit_queue_LDADD = $(UNIT_DAEMON_LIBS)
tests_unit_unread_SOURCES = tests/unit/unread.c
tests_unit_unread_CPPFLAGS = $(DELIVERY_CPPFLAGS)
tests_unit_unread_LDADD = $(UNIT_DAEMON_LIBS)
tests_unit_sink_socket_SOURCES = tests/unit/sink-socket.c tests/unit/sinktest.h
tests_unit_sink_socket_CPPFLAGS = $(DELIVERY_CPPFLAGS)
tests_unit_sink_socket_LDADD = $(UNIT_DAEMON_LIBS)
tests_unit_sink_file_SOURCES = tests/unit/sink-file.c tests/unit/sinktest.h
tests_unit_sink_file_CPPFLAGS = $(DELIVERY_CPPFLAGS)
tests_unit_sink_file_LDADD = $(UNIT_DAEMON_LIBS)
tests_unit_sink_auto_SOURCES = tests/unit/sink-auto.c tests/unit/sinktest.h
tests_unit_sink_auto_CPPFLAGS = $(DELIVERY_CPPFLAGS)
tests_unit_sink_auto_LDADD = $(UNIT_DAEMON_LIBS)
tests_unit_notify_SOURCES = tests/unit/notify.c
tests_unit_notify_CPPFLAGS = $(DELIVERY_CPPFLAGS)
tests_unit_notify_LDADD = $(UNIT_DAEMON_LIBS)
tests_unit_host_SOURCES = tests/unit/host.c
tests_unit_host_CPPFLAGS = $(DELIVERY_CPPFLAGS)
tests_unit_host_LDADD = $(UNIT_DAEMON_LIBS)
# A real name service, for the names that cannot be had.
tests_unit_names_SOURCES = tests/unit/names.c
tests_unit_names_CPPFLAGS = $(DELIVERY_CPPFLAGS) $(CAPNG_CFLAGS)
tests_unit_names_LDADD = $(UNIT_DAEMON_LIBS)
EXTRA_tests_unit_names_DEPENDENCIES = tests/unit/libnss_slow.so.2
tests/unit/libnss_slow.so.2: $(srcdir)/tests/unit/nss-slow.c
	$(AM_V_CCLD)$(MKDIR_P) $(@D) && $(CC) $(AM_CFLAGS) $(CFLAGS) -shared \
		-fPIC -o $@ $(srcdir)/tests/unit/nss-slow.c
EXTRA_DIST += tests/unit/nss-slow.c
CLEANFILES += tests/unit/libnss_slow.so.2
tests_delivery_feed_SOURCES = tests/delivery/feed.c
tests_delivery_feed_CPPFLAGS = $(AM_CPPFLAGS) $(EVENT_CFLAGS)
tests_delivery_feed_LDADD = $(DAEMON_LIBS)
tests_delivery_listen_SOURCES = tests/delivery/listen.c
tests_delivery_nasty_SOURCES = tests/delivery/nasty.c
tests_delivery_nasty_LDADD = $(COMMAND_LIBS)
