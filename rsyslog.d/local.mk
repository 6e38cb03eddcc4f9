# rsyslog and logrotate: ready to use.  The paths are configure's.
EXTRA_DIST += rsyslog.d/pidtreed.conf.in rsyslog.d/30-pidtreed.conf.in \
	rsyslog.d/central-receiver.conf.in rsyslog.d/actions.conf.in \
	rsyslog.d/actions-call.conf.in rsyslog.d/actions.logrotate.in \
	logrotate.d/pidtreed.in logrotate.d/log-limit

if DAEMON
dist_man_MANS += man/pidtreed-delivery.7 man/pidtreed-forwarding.7
examplesdir = $(docdir)/examples
nodist_examples_DATA = rsyslog.d/central-receiver.conf \
	rsyslog.d/actions.conf rsyslog.d/actions-call.conf \
	rsyslog.d/actions.logrotate
rsyslogdir = $(pkgdatadir)/rsyslog
rsyslogincdir = $(sysconfdir)/rsyslog.d
logrotatedir = $(sysconfdir)/logrotate.d
nodist_rsyslog_DATA = rsyslog.d/pidtreed.conf
nodist_rsysloginc_DATA = rsyslog.d/30-pidtreed.conf
nodist_logrotate_DATA = logrotate.d/pidtreed
dist_pkglibexec_SCRIPTS = logrotate.d/log-limit
CLEANFILES += $(nodist_rsyslog_DATA) $(nodist_rsysloginc_DATA) \
	$(nodist_logrotate_DATA) $(nodist_examples_DATA)

PATHS = $(SED) -e 's|@socket[@]|$(runstatedir)/pidtreed/ingest/log|' \
	-e 's|@logfile[@]|$(localstatedir)/log/pidtreed/pidtreed.log|' \
	-e 's|@logdir[@]|$(localstatedir)/log/pidtreed|' \
	-e 's|@actionsdir[@]|$(sysconfdir)/pidtreed/rsyslog-actions.d|' \
	-e 's|@forwarddir[@]|$(sysconfdir)/pidtreed/rsyslog-forward.d|' \
	-e 's|@rsyslogdir[@]|$(rsyslogdir)|' \
	-e 's|@pkglibexecdir[@]|$(pkglibexecdir)|' \
	-e 's|@sbindir[@]|$(sbindir)|' \
	-e 's|@bindir[@]|$(bindir)|' \
	-e 's|@sysconfdir[@]|$(sysconfdir)|' \
	-e 's|@runstatedir[@]|$(runstatedir)|' \
	-e 's|@localstatedir[@]|$(localstatedir)|'

$(nodist_rsyslog_DATA) $(nodist_rsysloginc_DATA) $(nodist_logrotate_DATA) \
		$(nodist_examples_DATA): Makefile
	$(AM_V_GEN)$(MKDIR_P) $(@D) && $(PATHS) $(srcdir)/$@.in >$@.tmp && \
		mv $@.tmp $@

rsyslog.d/pidtreed.conf: $(srcdir)/rsyslog.d/pidtreed.conf.in
rsyslog.d/30-pidtreed.conf: $(srcdir)/rsyslog.d/30-pidtreed.conf.in
rsyslog.d/central-receiver.conf: $(srcdir)/rsyslog.d/central-receiver.conf.in
rsyslog.d/actions.conf: $(srcdir)/rsyslog.d/actions.conf.in
rsyslog.d/actions-call.conf: $(srcdir)/rsyslog.d/actions-call.conf.in
rsyslog.d/actions.logrotate: $(srcdir)/rsyslog.d/actions.logrotate.in
logrotate.d/pidtreed: $(srcdir)/logrotate.d/pidtreed.in
endif
