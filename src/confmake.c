/* SPDX-License-Identifier: BSD-2-Clause */
/* From the lists as written to proxies, filter, patterns; see confmake.h. */
#include "confmake.h"

#include <errno.h>
#include <limits.h>
#include <sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "boxfilter.h"
#include "capability.h"
#include "confyaml.h"
#include "log.h"
#include "redact.h"
#include "watchpath.h"

struct make {
	struct conf *c;
	const char *name;
	unsigned troubles;
};

/* A filter_trouble. */
static void
complain(void *arg, const char *place, const char *what)
{
	struct make *m = arg;

	if (m->troubles++ < TROUBLES)
		log_error("%s: %s", place != NULL ? place : m->name, what);
}

static void
make_proxies(struct make *m)
{
	struct conf *c = m->c;
	struct prefix_port *p;
	char mem[256];
	struct buf why;

	c->proxies = calloc(c->proxy.n + 1, sizeof(*c->proxies));
	if (c->proxies == NULL) {
		complain(m, NULL, strerror(errno));
		return;
	}
	for (size_t i = 0; i < c->proxy.n; i++) {
		const struct item *it = &c->proxy.v[i];

		buf_init(&why, mem, sizeof(mem));
		p = &c->proxies[c->nproxies];
		if (prefix_port_parse(p, it->text, &why) == -1) {
			complain(m, it->place, buf_cstr(&why));
			continue;
		}
		for (size_t k = 0; k < c->nproxies; k++)
			if (memcmp(p, &c->proxies[k], sizeof(*p)) == 0) {
				complain(m, it->place, "this proxy is given "
				    "twice");
				break;
			}
		c->nproxies++;
	}
}

static struct filter *
make_filter(struct make *m, const struct filter_spec *spec)
{
	unsigned before = m->troubles;
	struct filter *f = filter_new(spec, complain, m);

	if (f == NULL && m->troubles == before)
		complain(m, NULL, strerror(errno));
	return f;
}

static void
check_boxes(struct make *m, const struct items *list)
{
	char mem[512];
	struct buf why;

	for (size_t i = 0; i < list->n; i++) {
		buf_init(&why, mem, sizeof(mem));
		if (boxfilter_check(list->v[i].text, &why) == -1)
			complain(m, list->v[i].place, buf_cstr(&why));
	}
}

static void
make_boxes(struct make *m)
{
	struct conf *c = m->c;

	check_boxes(m, &c->box_exclude);
	check_boxes(m, &c->box_include);
	c->box_filter = boxfilter_new(&c->box_exclude, &c->box_include);
	if (c->box_filter == NULL)
		complain(m, NULL, strerror(errno));
}

static void
make_filters(struct make *m)
{
	struct conf *c = m->c;
	const struct filter_spec listen = {
		.exclude = &c->listen_exclude, .include = &c->listen_include,
		.ports = &c->listen_ports, .local = true,
	};
	const struct filter_spec accept = {
		.exclude = &c->accept_exclude, .include = &c->accept_include,
		.ports = &c->accept_ports, .local = true,
	};
	const struct filter_spec connect = {
		.exclude = &c->exclude, .include = &c->include,
		.ports = &c->ports,
		.proxies = c->proxies, .nproxies = c->nproxies,
		.metadata = c->metadata,
		.boxes = c->box_filter != NULL ?
		    boxfilter_text(c->box_filter) : NULL,
	};

	c->filter = make_filter(m, &connect);
	c->listen_filter = make_filter(m, &listen);
	c->accept_filter = make_filter(m, &accept);
}

/* One by one first: only so is it known which of them is bad. */
static void
make_patterns(struct make *m)
{
	struct conf *c = m->c;
	const char **text = calloc(c->patterns.n + 1, sizeof(*text));
	const char *why = NULL;
	struct redact *one;
	unsigned before = m->troubles;
	char what[512];

	for (size_t i = 0; text != NULL && i < c->patterns.n; i++) {
		text[i] = c->patterns.v[i].text;
		one = redact_new(false, &text[i], 1, &why);
		if (one == NULL) {
			snprintf(what, sizeof(what), "redact: %s",
			    why != NULL ? why : strerror(errno));
			complain(m, c->patterns.v[i].place, what);
		}
		redact_free(one);
	}
	if (text != NULL && m->troubles == before)
		c->redact = redact_new(!c->patterns.replaced, text,
		    c->patterns.n, &why);
	if (c->redact == NULL && m->troubles == before)
		complain(m, NULL, why != NULL ? why : strerror(errno));
	free(text);
}

static void
make_caps(struct make *m)
{
	const struct items *only = &m->c->capable_only;
	char what[512];
	int cap;

	m->c->caps = only->n == 0 ? UINT64_MAX : 0;
	for (size_t i = 0; i < only->n; i++) {
		cap = capability_of(only->v[i].text);
		if (cap >= 0) {
			m->c->caps |= UINT64_C(1) << cap;
			continue;
		}
		snprintf(what, sizeof(what), "capable.only: \"%.300s\", "
		    "expected the name of a capability, like CAP_NET_RAW",
		    only->v[i].text);
		complain(m, only->v[i].place, what);
	}
}

static void
check_files(struct make *m, const char *key, const struct items *list)
{
	char what[512];

	for (size_t i = 0; i < list->n; i++) {
		const struct item *it = &list->v[i];

		if (it->text[0] == '/' && strlen(it->text) < PATH_MAX)
			continue;
		snprintf(what, sizeof(what), "%s: \"%.300s\", "
		    "expected an absolute path", key, it->text);
		complain(m, it->place, what);
	}
}

static void
check_watched(struct make *m)
{
	char what[512];

	for (size_t i = 0; i < m->c->open_paths.n; i++) {
		const struct item *it = &m->c->open_paths.v[i];

		if (watchpath_is(it->text))
			continue;
		snprintf(what, sizeof(what), "open.paths: \"%.300s\", "
		    "expected an absolute path whose components are names or "
		    "*, the last one a name", it->text);
		complain(m, it->place, what);
	}
}

/* What is compared is the last part of a path. */
static void
check_forwarders(struct make *m)
{
	char what[512];

	for (size_t i = 0; i < m->c->forwarders.n; i++) {
		const struct item *it = &m->c->forwarders.v[i];

		if (it->text[0] != '\0' && strchr(it->text, '/') == NULL)
			continue;
		snprintf(what, sizeof(what), "lookup.forwarders: \"%.300s\", "
		    "expected the name of a file without its directory",
		    it->text);
		complain(m, it->place, what);
	}
}

static void
make_hash(struct make *m)
{
	char *dump = conf_dump(m->c);
	uint8_t digest[SHA256_DIGEST_LENGTH];
	SHA2_CTX ctx;

	if (dump == NULL) {
		complain(m, NULL, strerror(errno));
		return;
	}
	SHA256Init(&ctx);
	SHA256Update(&ctx, (const uint8_t *)dump, strlen(dump));
	SHA256Final(digest, &ctx);
	for (size_t i = 0; i < sizeof(digest); i++)
		snprintf(m->c->hash + 2 * i, 3, "%02x", digest[i]);
	free(dump);
}

unsigned
confmake(struct conf *c, const char *name)
{
	struct make m = { c, name, 0 };

	make_proxies(&m);
	make_boxes(&m);
	make_filters(&m);
	make_patterns(&m);
	check_files(&m, "hosts-files", &c->hosts_files);
	check_files(&m, "readline.files",
	    &c->readline_files);
	make_caps(&m);
	check_watched(&m);
	check_forwarders(&m);
	make_hash(&m);
	return m.troubles;
}
