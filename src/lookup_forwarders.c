/* SPDX-License-Identifier: BSD-2-Clause */
/* Which programs forward for others: a list of the collector's configuration,
   where that is on this machine, or of the one that --config names. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "conf.h"
#include "log.h"
#include "lookup_impl.h"

#define CONFIG	SYSCONFDIR "/pidtreed/pidtreed.yaml"

/* What only root may read is not there for others. */
static struct conf *
configuration(struct lookup *l)
{
	struct conf *c = NULL;

	if (l->config != NULL || access(CONFIG, R_OK) == 0 || errno == ENOENT)
		c = conf_read(l->config == NULL ? CONFIG : l->config,
		    l->config != NULL);
	else if (errno == EACCES)
		return conf_read_text(CONFIG, "", 0);
	if (c != NULL)
		return c;
	log_error("the forwarders that are built in are used");
	l->trouble = true;
	return conf_read_text(CONFIG, "", 0);
}

bool
lookup_forwarders(struct lookup *l)
{
	struct conf *c = configuration(l);
	bool ok = c != NULL;
	size_t i;

	for (i = 0; ok && i < c->forwarders.n; i++)
		ok = items_add(&l->forwarders, c->forwarders.v[i].text,
		    NULL) == 0;
	if (!ok)
		log_error("out of memory");
	conf_free(c);
	return ok;
}
