# The configuration is the administrator's: a file that is there stays.
EXTRA_DIST += etc/pidtreed.yaml

if DAEMON
install-data-local: install-configuration
install-configuration:
	$(MKDIR_P) '$(DESTDIR)$(sysconfdir)/pidtreed/conf.d' \
		'$(DESTDIR)$(sysconfdir)/pidtreed/rules.d'
	test -e '$(DESTDIR)$(sysconfdir)/pidtreed/pidtreed.yaml' || \
		$(INSTALL_DATA) $(srcdir)/etc/pidtreed.yaml \
			'$(DESTDIR)$(sysconfdir)/pidtreed/pidtreed.yaml'

uninstall-local: uninstall-configuration
uninstall-configuration:
	d='$(DESTDIR)$(sysconfdir)/pidtreed'; \
	! cmp -s $(srcdir)/etc/pidtreed.yaml "$$d/pidtreed.yaml" || \
		rm -f "$$d/pidtreed.yaml"; \
	rmdir "$$d/conf.d" "$$d/rules.d" "$$d" 2>/dev/null || :
endif
.PHONY: install-configuration uninstall-configuration
