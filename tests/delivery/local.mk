# Delivery: sink, names, notify, host, and a real rsyslogd.
if DAEMON
if UNIT_TESTS
DELIVERY_UNITS = tests/unit/queue tests/unit/sink-socket \
	tests/unit/sink-file tests/unit/sink-auto
check_PROGRAMS += $(DELIVERY_UNITS)
TESTS += $(DELIVERY_UNITS)
endif
endif
DELIVERY_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS) $(EVENT_CFLAGS)
tests_unit_queue_SOURCES = tests/unit/queue.c
tests_unit_queue_CPPFLAGS = $(DELIVERY_CPPFLAGS)
tests_unit_queue_LDADD = $(UNIT_DAEMON_LIBS)
tests_unit_sink_socket_SOURCES = tests/unit/sink-socket.c tests/unit/sinktest.h
tests_unit_sink_socket_CPPFLAGS = $(DELIVERY_CPPFLAGS)
tests_unit_sink_socket_LDADD = $(UNIT_DAEMON_LIBS)
tests_unit_sink_file_SOURCES = tests/unit/sink-file.c tests/unit/sinktest.h
tests_unit_sink_file_CPPFLAGS = $(DELIVERY_CPPFLAGS)
tests_unit_sink_file_LDADD = $(UNIT_DAEMON_LIBS)
tests_unit_sink_auto_SOURCES = tests/unit/sink-auto.c tests/unit/sinktest.h
tests_unit_sink_auto_CPPFLAGS = $(DELIVERY_CPPFLAGS)
tests_unit_sink_auto_LDADD = $(UNIT_DAEMON_LIBS)
