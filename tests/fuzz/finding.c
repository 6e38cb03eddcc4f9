/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes as a file of findings: what is read keeps its promises, what is
   told is one printable line, and every error comes with one at least. */
#define _GNU_SOURCE	/* memfd_create */
#include <sys/mman.h>

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "finding.h"
#include "text.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
must(int ok)
{
	if (!ok)
		abort();
}

static void
text(const char *s)
{
	must(s == NULL || (*s != '\0' && strlen(s) <= 4096));
}

static void
line(const char *s)
{
	size_t n = strlen(s), len;

	must(n > 0);
	for (; n > 0; s += len, n -= len) {
		len = text_char(s, n);
		must(len > 0);
	}
}

static void
lists(const struct finding *f)
{
	size_t i;

	must(f->ntuples <= FINDING_LIST && f->naddresses <= FINDING_LIST &&
	    f->nnames <= FINDING_LIST && f->ntags <= FINDING_LIST &&
	    f->ncontainers <= FINDING_LIST &&
	    f->nprocesses <= FINDING_LIST + 1);
	for (i = 0; i < f->ntuples; i++)
		must(f->tuple[i].rport != 0 && f->tuple[i].rport <= 65535 &&
		    f->tuple[i].lport != 0 && f->tuple[i].lport <= 65535);
	for (i = 0; i < f->nnames; i++) {
		must(f->name[i] != NULL);
		text(f->name[i]);
	}
	for (i = 0; i < f->ntags; i++)
		text(f->tag[i].key);
	for (i = 0; i < f->ncontainers; i++)
		text(f->container[i].image);
	for (i = 0; i < f->nprocesses; i++) {
		text(f->process[i].exe);
		must(f->process[i].pid <= INT32_MAX);
	}
}

static void
finding(const struct finding *f, uint64_t last)
{
	must(f->number > last && f->line > 0 && f->file != NULL);
	must((f->kind == FINDING_SKIPPED) == (f->skipped != NULL));
	must(f->kind != FINDING_NETWORK || f->ntuples == 1);
	must(f->kind != FINDING_PORT_PROBE || f->ntuples > 0);
	must(f->kind != FINDING_DNS || f->domain != NULL);
	must(f->kind != FINDING_RUNTIME || f->nprocesses > 0);
	must(f->first <= f->last);
	text(f->id);
	text(f->title);
	text(f->domain);
	text(f->instance);
	lists(f);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct findings *all = findings_new();
	char path[64];
	size_t i;
	int fd, rc;

	fd = memfd_create("findings", MFD_CLOEXEC);
	must(all != NULL && fd >= 0);
	must(write(fd, data, size) == (ssize_t)size);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	rc = findings_read(all, path);
	must((rc == 0) == (all->nerrors + all->more_errors == 0));
	for (i = 0; i < all->n; i++)
		finding(all->finding[i],
		    i == 0 ? 0 : all->finding[i - 1]->number);
	for (i = 0; i < all->nerrors; i++)
		line(all->error[i]);
	findings_free(all);
	close(fd);
	return 0;
}
