# For systemd: units, the account, directories.  In /usr/local they are found
# as in /usr.
systemd_made = systemd/pidtreed.service systemd/pidtreed-log.socket \
	systemd/tmpfiles.d/pidtreed.conf \
	systemd/rsyslog.service.d/pidtreed.conf
EXTRA_DIST += $(systemd_made:=.in)

if DAEMON
if SYSTEMD
nodist_systemdsystemunit_DATA = systemd/pidtreed.service \
	systemd/pidtreed-log.socket
rsyslogdropindir = $(systemdsystemunitdir)/rsyslog.service.d
nodist_rsyslogdropin_DATA = systemd/rsyslog.service.d/pidtreed.conf
dist_pkglibexec_SCRIPTS += systemd/log-directory systemd/reader-died
tmpfilesdir = $(prefix)/lib/tmpfiles.d
nodist_tmpfiles_DATA = systemd/tmpfiles.d/pidtreed.conf
sysusersdir = $(prefix)/lib/sysusers.d
dist_sysusers_DATA = systemd/sysusers.d/pidtreed.conf
CLEANFILES += $(systemd_made)

$(systemd_made): Makefile
	$(AM_V_GEN)$(MKDIR_P) $(@D) && $(PATHS) $(srcdir)/$@.in >$@.tmp && \
		mv $@.tmp $@

systemd/pidtreed.service: $(srcdir)/systemd/pidtreed.service.in
systemd/pidtreed-log.socket: $(srcdir)/systemd/pidtreed-log.socket.in
systemd/tmpfiles.d/pidtreed.conf: $(srcdir)/systemd/tmpfiles.d/pidtreed.conf.in
systemd/rsyslog.service.d/pidtreed.conf: \
	$(srcdir)/systemd/rsyslog.service.d/pidtreed.conf.in
endif
endif
