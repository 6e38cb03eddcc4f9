/* SPDX-License-Identifier: BSD-2-Clause */
/* The configuration: files in, one checked struct out; see conf.h.
   confyaml.c reads a file's text, confmake.c works out what it means. */
#include "conf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "boxfilter.h"
#include "conffiles.h"
#include "confmake.h"
#include "confyaml.h"
#include "log.h"
#include "options.h"
#include "redact.h"
#include "watchpath.h"

static struct conf *
conf_new(void)
{
	struct conf *c = calloc(1, sizeof(*c));
	char mem[256];
	struct buf why;

	if (c == NULL)
		return NULL;
	for (const struct option *o = options; o->key != NULL; o++) {
		buf_init(&why, mem, sizeof(mem));
		if (o->def != NULL && option_set(o, c, o->def, &why) == -1)
			goto fail;
	}
	for (const char *const *p = filter_default_exclude; *p != NULL; p++)
		if (items_add(&c->exclude, *p, NULL) == -1)
			goto fail;
	for (const char *const *p = filter_default_listen; *p != NULL; p++)
		if (items_add(&c->listen_exclude, *p, NULL) == -1)
			goto fail;
	for (const char *const *p = filter_default_listen; *p != NULL; p++)
		if (items_add(&c->accept_exclude, *p, NULL) == -1)
			goto fail;
	for (const char *const *p = watchpath_default; *p != NULL; p++)
		if (items_add(&c->open_paths, *p, NULL) == -1)
			goto fail;
	for (const char *const *p = conf_default_forwarders; *p != NULL; p++)
		if (items_add(&c->forwarders, *p, NULL) == -1)
			goto fail;
	return c;
fail:
	conf_free(c);
	return NULL;
}

void
conf_free(struct conf *c)
{
	if (c == NULL)
		return;
	for (const struct option *o = options; o->key != NULL; o++) {
		if (o->type == OPT_LIST)
			items_clear(option_items(o, c));
		else if (o->type == OPT_NAME || o->type == OPT_PATH)
			free(*(char **)((char *)c + o->off));
	}
	filter_free(c->filter);
	boxfilter_free(c->box_filter);
	filter_free(c->listen_filter);
	filter_free(c->accept_filter);
	redact_free(c->redact);
	free(c->proxies);
	free(c);
}

/* A conffiles_fn; returns the number of troubles. */
static unsigned
read_text(void *conf, const char *name, const char *text, size_t n)
{
	return confyaml_read(conf, name, text, n);
}

struct conf *
conf_read(const char *path, bool must)
{
	struct conf *c = conf_new();
	unsigned troubles;

	if (c == NULL) {
		log_error("%s: %s", path, strerror(errno));
		return NULL;
	}
	troubles = conffiles_one(path, must, read_text, c);
	troubles += conffiles_beside(path, "conf.d", read_text, c);
	troubles += confmake(c, path);
	if (troubles == 0)
		return c;
	conf_free(c);
	return NULL;
}

struct conf *
conf_read_text(const char *name, const char *text, size_t n)
{
	struct conf *c = conf_new();

	if (c == NULL)
		return NULL;
	if (confyaml_read(c, name, text, n) + confmake(c, name) == 0)
		return c;
	conf_free(c);
	return NULL;
}
