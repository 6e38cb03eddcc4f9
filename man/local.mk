# Manual pages, mdoc.
dist_man_MANS += man/pidtree.1 man/pidtree-show.1

# pidtreed.yaml(5) has its options from the table that the code reads.
EXTRA_DIST += man/pidtreed.yaml.5.in
if DAEMON
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
