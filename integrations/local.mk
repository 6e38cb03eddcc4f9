# For those who ship files instead: text, installed as it is.  The tables in it
# are made by `update` from the table of fields; a test compares them.
nobase_dist_pkgdata_DATA = \
	integrations/README.md \
	integrations/elasticsearch/README.md \
	integrations/elasticsearch/component-template.json \
	integrations/elasticsearch/pidtreed.painless \
	integrations/elasticsearch/pipeline.json \
	integrations/fluent-bit/README.md \
	integrations/fluent-bit/pidtreed.conf \
	integrations/lua/pidtreed.lua \
	integrations/splunk/README.md \
	integrations/splunk/TA-pidtreed/default/app.conf \
	integrations/splunk/TA-pidtreed/default/data/ui/nav/default.xml \
	integrations/splunk/TA-pidtreed/default/data/ui/views/new_lineages.xml \
	integrations/splunk/TA-pidtreed/default/data/ui/views/top_talkers.xml \
	integrations/splunk/TA-pidtreed/default/eventtypes.conf \
	integrations/splunk/TA-pidtreed/default/macros.conf \
	integrations/splunk/TA-pidtreed/default/props.conf \
	integrations/splunk/TA-pidtreed/default/tags.conf \
	integrations/splunk/TA-pidtreed/default/transforms.conf \
	integrations/splunk/TA-pidtreed/metadata/default.meta \
	integrations/vector/README.md \
	integrations/vector/pidtreed.yaml
EXTRA_DIST += integrations/update

.PHONY: integrations
integrations: src/pidtree$(EXEEXT)
	src/pidtree export --fields >integrations.fields
	$(srcdir)/integrations/update integrations.fields $(srcdir)/integrations
	rm -f integrations.fields
