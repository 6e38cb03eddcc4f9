# The integrations against our own table and our own documents.
TESTS += tests/integrations/documents.sh
EXTRA_DIST += tests/integrations/documents.sh tests/integrations/lines.lua \
	tests/integrations/painless.py tests/integrations/same.py \
	tests/integrations/splunk.py
