# Manual pages, mdoc.
dist_man_MANS += man/pidtree.1 man/pidtree-show.1

# pidtreed.yaml(5) has its options from the table that the code reads.
EXTRA_DIST += man/pidtreed.yaml.5.in
if DAEMON
dist_man_MANS += man/pidtreed.8
nodist_man_MANS += man/pidtreed.yaml.5
CLEANFILES += man/pidtreed.yaml.5
noinst_PROGRAMS += man/conf-options
man_conf_options_SOURCES = man/conf-options.c
man_conf_options_LDADD = $(COMMAND_LIBS)

man/pidtreed.yaml.5: $(srcdir)/man/pidtreed.yaml.5.in man/conf-options$(EXEEXT)
	$(AM_V_GEN)$(SED) 's|@SYSCONFDIR[@]|$(sysconfdir)|' \
		$(srcdir)/man/pidtreed.yaml.5.in | man/conf-options >$@.tmp && \
		mv $@.tmp $@
endif

# pidtreed.log(5) has its fields from the table of writer and parser.
EXTRA_DIST += man/pidtreed.log.5.in
nodist_man_MANS += man/pidtreed.log.5
CLEANFILES += man/pidtreed.log.5
noinst_PROGRAMS += man/log-fields
man_log_fields_SOURCES = man/log-fields.c
man_log_fields_LDADD = $(COMMAND_LIBS)

man/pidtreed.log.5: $(srcdir)/man/pidtreed.log.5.in man/log-fields$(EXEEXT)
	$(AM_V_GEN)man/log-fields <$(srcdir)/man/pidtreed.log.5.in >$@.tmp && \
		mv $@.tmp $@

# pidtree-export(1) has its tables from the one that ECS and CEF are made by.
EXTRA_DIST += man/pidtree-export.1.in
nodist_man_MANS += man/pidtree-export.1
CLEANFILES += man/pidtree-export.1
noinst_PROGRAMS += man/export-fields
man_export_fields_SOURCES = man/export-fields.c
man_export_fields_LDADD = $(COMMAND_LIBS)

man/pidtree-export.1: $(srcdir)/man/pidtree-export.1.in man/export-fields$(EXEEXT)
	$(AM_V_GEN)man/export-fields <$(srcdir)/man/pidtree-export.1.in >$@.tmp && \
		mv $@.tmp $@
