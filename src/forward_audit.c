/* SPDX-License-Identifier: BSD-2-Clause */
/* auditd's records for all forwarders that send them: one input for a file,
   since rsyslogd's imfile reads a file once, whoever else asks for it. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "change.h"
#include "forward_impl.h"

struct want {
	const char *name;	/* of a forwarder */
	char *file;		/* auditd's; NULL: not that */
};

/* malloc'd; NULL: that forwarder does not send them, or is none. */
static char *
file_of(const struct forward *f, const char *name)
{
	char path[PATH_MAX], mem[FORWARDER_MEM], *text, *file = NULL;
	struct forwarder other = { .name = name };
	size_t n;

	forward_path(path, f, FORWARD_OBJECTS, name);
	if ((text = change_read(path, &n)) != NULL &&
	    forwarder_read(&other, text, mem) == 0 && other.audit != NULL)
		file = strdup(other.audit);
	free(text);
	return file;
}

static bool
same(const struct want *a, const struct want *b)
{
	return a->file != NULL && b->file != NULL &&
	    strcmp(a->file, b->file) == 0;
}

/* The first that wants a file speaks for all that want the same. */
static void
put_wanted(struct buf *b, const struct want *w, size_t i, size_t n)
{
	size_t k;

	for (k = 0; k < i; k++)
		if (same(&w[k], &w[i]))
			return;
	if (b->len == 0)
		buf_adds(b, "# Written by `pidtree forward`: auditd's records, "
		    "for the forwarders here.\n");
	buf_addf(b, "input(type=\"imfile\" tag=\"auditd\" "
	    "facility=\"authpriv\" severity=\"info\"\n"
	    "\truleset=\"pidtreed_%s_audited\" file=", w[i].name);
	forwarder_quote(b, w[i].file);
	buf_addf(b, ")\nruleset(name=\"pidtreed_%s_audited\") {\n", w[i].name);
	for (k = i; k < n; k++)
		if (same(&w[k], &w[i]))
			buf_addf(b, "\tcall pidtreed_%s_audit\n", w[k].name);
	buf_adds(b, "}\n");
}

int
forward_audit(struct buf *b, const struct forward *f, bool present)
{
	char **names = forward_names(f);
	struct want *w;
	size_t i, n = 0;

	while (names != NULL && names[n] != NULL)
		n++;
	w = names == NULL ? NULL : calloc(n + 1, sizeof(*w));
	if (w == NULL) {
		forward_free_names(names);
		return -1;
	}
	for (i = 0; i < n; i++) {
		w[i].name = names[i];
		if (strcmp(names[i], f->to.name) != 0)
			w[i].file = file_of(f, names[i]);
	}
	w[n].name = f->to.name;
	w[n].file = present && f->to.audit != NULL ? strdup(f->to.audit) : NULL;
	for (i = 0; i <= n; i++)
		if (w[i].file != NULL)
			put_wanted(b, w, i, n + 1);
	for (i = 0; i <= n; i++)
		free(w[i].file);
	free(w);
	forward_free_names(names);
	return 0;
}
