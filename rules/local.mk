# The starting set: to be copied to rules.d/, none of it in force by itself.
startingset = rules/10-packages.yaml rules/20-time.yaml \
	rules/30-resolvers.yaml rules/40-monitoring.yaml \
	rules/50-metadata.yaml rules/80-raise.yaml
if DAEMON
startingsetdir = $(pkgdatadir)/rules
dist_startingset_DATA = $(startingset)
else
EXTRA_DIST += $(startingset)
endif
