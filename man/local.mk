# Manual pages, mdoc.
#
# Some are made from tables of the code, by programs that run while it is
# built: the compiler is that of the building machine, and they are linked
# with the files of the tables alone, which need no library.
man_makers = man/conf-options man/log-fields man/export-fields
EXTRA_DIST += $(man_makers:=.c)
CLEANFILES += $(man_makers)

$(man_makers): $(srcdir)/src/*.h
	$(AM_V_CCLD)$(MKDIR_P) man && $(CC_FOR_BUILD) $(CPPFLAGS_FOR_BUILD) \
		$(CFLAGS_FOR_BUILD) $(AM_CPPFLAGS) -std=gnu11 -Wall -Wextra \
		-o $@ $(filter %.c,$^)
man/conf-options: man/conf-options.c src/options.c src/optvalue.c \
		src/filterlists.c src/watchpath.c src/confforward.c src/buf.c src/text.c
man/log-fields: man/log-fields.c src/fields.c src/message.c
man/export-fields: man/export-fields.c src/fields.c src/message.c src/place.c

dist_man_MANS += man/pidtree.1 man/pidtree-lookup.1 man/pidtree-show.1
dist_man_MANS += man/pidtree-forward.1 man/pidtree-act.1
dist_man_MANS += man/pidtreed.rules.5 man/pidtree-rules.1
dist_man_MANS += man/pidtree-trace.1 man/pidtree-status.1

# pidtreed.yaml(5) has its options from the table that the code reads.
EXTRA_DIST += man/pidtreed.yaml.5.in
if DAEMON
dist_man_MANS += man/pidtreed.8 man/pidtreed-control.7
nodist_man_MANS += man/pidtreed.yaml.5
CLEANFILES += man/pidtreed.yaml.5

man/pidtreed.yaml.5: $(srcdir)/man/pidtreed.yaml.5.in man/conf-options
	$(AM_V_GEN)$(SED) 's|@SYSCONFDIR[@]|$(sysconfdir)|' \
		$(srcdir)/man/pidtreed.yaml.5.in | man/conf-options >$@.tmp && \
		mv $@.tmp $@
endif

# pidtreed.log(5) has its fields from the table of writer and parser.
EXTRA_DIST += man/pidtreed.log.5.in
nodist_man_MANS += man/pidtreed.log.5
CLEANFILES += man/pidtreed.log.5

man/pidtreed.log.5: $(srcdir)/man/pidtreed.log.5.in man/log-fields
	$(AM_V_GEN)man/log-fields <$(srcdir)/man/pidtreed.log.5.in >$@.tmp && \
		mv $@.tmp $@

# pidtree-export(1) has its tables from the one that ECS and CEF are made by.
EXTRA_DIST += man/pidtree-export.1.in
nodist_man_MANS += man/pidtree-export.1
CLEANFILES += man/pidtree-export.1

man/pidtree-export.1: $(srcdir)/man/pidtree-export.1.in man/export-fields
	$(AM_V_GEN)man/export-fields <$(srcdir)/man/pidtree-export.1.in >$@.tmp && \
		mv $@.tmp $@
