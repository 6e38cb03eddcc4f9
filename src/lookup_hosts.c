/* SPDX-License-Identifier: BSD-2-Clause */
/* The hosts of the logs, and how they were recorded; see lookup_hosts.h. */
#include "lookup_hosts.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lookup_list.h"
#include "lookup_once.h"
#include "text.h"

struct host *
hosts_find(const struct hosts *hs, struct str id)
{
	size_t i;

	for (i = 0; i < hs->n; i++)
		if (list_is(hs->host[i]->id, id))
			return hs->host[i];
	return NULL;
}

/* Of every line: the same few ids again and again. */
static struct host **
cached(struct hosts *hs, struct str id)
{
	struct host **c = hs->cache + once_hash(0, id.s, id.n) % HOSTS_CACHE;

	if (*c == NULL || !list_is((*c)->id, id))
		*c = hosts_find(hs, id);
	return c;
}

static struct host *
add_host(struct hosts *hs, struct str id)
{
	struct host *h;

	if (list_grow(&hs->host, hs->n, sizeof(*hs->host)) < 0 ||
	    (h = calloc(1, sizeof(*h))) == NULL)
		return NULL;
	if (list_keep(&h->id, id) < 0) {
		free(h);
		return NULL;
	}
	h->first = INT64_MAX;
	h->last = INT64_MIN;
	h->described = INT64_MIN;
	h->number = hs->n;
	return hs->host[hs->n++] = h;
}

static struct series *
find_series(struct host *h, int64_t procid, struct str boot)
{
	struct series *s;
	size_t i;

	for (i = h->nseries; i-- > 0; )
		if (h->series[i].procid == procid &&
		    list_is(h->series[i].boot, boot))
			return h->series + i;
	if (list_grow(&h->series, h->nseries, sizeof(*s)) < 0)
		return NULL;
	s = h->series + h->nseries;
	*s = (struct series){ .procid = procid, .started = NUM_NONE,
	    .stopped = NUM_NONE, .told = INT64_MIN };
	if (list_keep(&s->boot, boot) < 0)
		return NULL;
	h->nseries++;
	return s;
}

int
hosts_line(struct hosts *hs, const struct light *l, bool numbered,
    struct host **out)
{
	struct str id = l->hostid.s != NULL ? l->hostid : l->hostname;
	struct host **c = cached(hs, id), *h;
	struct series *s;

	if (*c == NULL && (*c = add_host(hs, id)) == NULL)
		return -1;
	h = *out = *c;
	if (l->time < h->first)
		h->first = l->time;
	if (l->time > h->last) {
		h->last = l->time;
		if (list_keep(&h->name, l->hostname) < 0)
			return -1;
	}
	if (!numbered || l->seq == NUM_NONE)
		return 0;
	if ((s = find_series(h, l->procid, l->boot)) == NULL)
		return -1;
	return series_number(s, l->seq, l->time);
}

static int
merge_series(struct host *h, const struct series *from)
{
	struct series *s = find_series(h, from->procid,
	    (struct str){ from->boot, from->boot == NULL ? 0 :
	    strlen(from->boot) });
	size_t i;

	if (s == NULL)
		return -1;
	for (i = 0; i < from->nstretches; i++)
		if (series_stretch(s, from->stretch + i) < 0)
			return -1;
	return 0;
}

static int
merge_host(struct hosts *hs, const struct host *from)
{
	struct str id = { from->id, strlen(from->id) };
	struct host *h = hosts_find(hs, id);
	size_t i;

	if (h == NULL && (h = add_host(hs, id)) == NULL)
		return -1;
	if (from->first < h->first)
		h->first = from->first;
	if (from->last > h->last) {
		h->last = from->last;
		if (from->name != NULL && list_keep(&h->name,
		    (struct str){ from->name, strlen(from->name) }) < 0)
			return -1;
	}
	for (i = 0; i < from->nseries; i++)
		if (merge_series(h, from->series + i) < 0)
			return -1;
	return 0;
}

static int
by_id(const void *a, const void *b)
{
	const struct host *const *x = a, *const *y = b;

	return strcmp((*x)->id, (*y)->id);
}

int
hosts_merge(struct hosts *hs, const struct hosts *from)
{
	size_t i;

	for (i = 0; i < from->n; i++)
		if (merge_host(hs, from->host[i]) < 0)
			return -1;
	/* Whoever met them first. */
	if (hs->n > 0)
		qsort(hs->host, hs->n, sizeof(*hs->host), by_id);
	return 0;
}

/* Counters of losses that leave every connection in the log: what is missing
   is a part of a message. */
static bool
loses_detail_alone(size_t counter)
{
	return counter == COUNTER_no_args || counter == COUNTER_procs_full ||
	    counter == COUNTER_images_full ||
	    counter == COUNTER_deferred_full || counter == COUNTER_dead_full ||
	    counter == COUNTER_endings_full ||
	    counter == COUNTER_accepts_unknown;
}

static bool
loses_datagrams_alone(size_t counter)
{
	return counter == COUNTER_udp_full || counter == COUNTER_udp_shared;
}

static bool
loses_questions_alone(size_t counter)
{
	return counter == COUNTER_dns_full || counter == COUNTER_dns_odd;
}

/* Connections that LOST says may be missing. */
static int64_t
connections_lost(const struct message *m)
{
	int64_t n = 0;
	size_t i;

	for (i = 0; i < NCOUNTERS; i++)
		if (!loses_detail_alone(i) && !loses_datagrams_alone(i) &&
		    !loses_questions_alone(i) && m->counter[i] > 0)
			n += m->counter[i];
	for (i = 0; i < NUCOUNTERS; i++)
		if (m->ucounter[i] > 0)
			n += m->ucounter[i];
	return n;
}

static int64_t
lost_alone(const struct message *m, bool (*of)(size_t counter))
{
	int64_t n = 0;
	size_t i;

	for (i = 0; i < NCOUNTERS; i++)
		if (of(i) && m->counter[i] > 0)
			n += m->counter[i];
	return n;
}

static int
add_mishap(struct host *h, struct mishap new, struct str cause)
{
	if (list_grow(&h->mishap, h->nmishaps, sizeof(new)) < 0 ||
	    list_keep(&new.cause, cause) < 0)
		return -1;
	h->mishap[h->nmishaps++] = new;
	return 0;
}

static int
lost(struct host *h, const struct message *m)
{
	return add_mishap(h, (struct mishap){ MSG_LOST, m->time,
	    connections_lost(m), lost_alone(m, loses_datagrams_alone),
	    lost_alone(m, loses_questions_alone), NULL }, m->cause);
}

static int
stepped(struct host *h, const struct message *m)
{
	if (m->before == NUM_NONE || m->after == NUM_NONE)
		return 0;
	return add_mishap(h, (struct mishap){ MSG_CLOCK, m->time,
	    m->after - m->before, 0, 0, NULL }, m->cause);
}

int
hosts_unreadable(struct host *h, int64_t time, const char *why)
{
	return add_mishap(h, (struct mishap){ NMSGIDS, time, 1, 0, 0, NULL },
	    (struct str){ why, strlen(why) });
}

static int
describe(struct host *h, const struct message *m)
{
	h->forwards |= m->forwarding == 1;
	if (m->time < h->described)
		return 0;
	h->described = m->time;
	return list_keep(&h->fqdn, m->fqdn) < 0 ||
	    list_keep(&h->addresses, m->addresses) < 0 ? -1 : 0;
}

int
hosts_own(struct hosts *hs, struct host *h, const struct message *m)
{
	struct series *s = find_series(h, m->procid, m->boot);

	if (s == NULL || ((m->id == MSG_START || m->id == MSG_RELOAD ||
	    m->id == MSG_STATS || m->id == MSG_STOP) &&
	    hidden_add(h, s, m) < 0))
		return -1;
	switch (m->id) {
	case MSG_START:
		s->started = m->time;
		s->adopted = list_is("adopted", m->cause);
		return series_force(s, m, &hs->filter, &hs->probes);
	case MSG_RELOAD:
	case MSG_STATS:
		return series_force(s, m, &hs->filter, &hs->probes);
	case MSG_STOP:
		s->stopped = m->time;
		return 0;
	case MSG_LOST:
		return lost(h, m);
	case MSG_CLOCK:
		return stepped(h, m);
	case MSG_HOST:
		return describe(h, m);
	case MSG_DIGEST:
		return counted_add(&h->counted, m);
	case MSG_CONNECT:
	case MSG_OUTCOME:
	case MSG_UDP:
	case MSG_CLOSE:
	case MSG_LISTEN:
	case MSG_DNS:
	case MSG_EXEC:
	case MSG_READLINE:
	case MSG_OPEN:
	case MSG_ESCAPE:
	case MSG_ACCEPT:
	case MSG_CAPABLE:
	case MSG_TEST:
	case NMSGIDS:
		break;
	}
	return 0;
}

bool
host_has(const struct host *h, const struct in6_addr *addr)
{
	const char *p = h->addresses == NULL ? "" : h->addresses;
	struct in6_addr a;
	size_t n;

	for (; *p != '\0'; p += n, p += strspn(p, " ")) {
		n = strcspn(p, " ");
		if (text_parse_addr(p, n, &a) == 0 &&
		    memcmp(&a, addr, sizeof(a)) == 0)
			return true;
	}
	return false;
}

/* A short name is the first label of a long one. */
static bool
same_name(const char *a, const char *b)
{
	size_t n = strcspn(a, "."), m = strcspn(b, ".");

	if (strcasecmp(a, b) == 0)
		return true;
	return n == m && strncasecmp(a, b, n) == 0 &&
	    (a[n] == '\0' || b[m] == '\0');
}

bool
host_named(const struct host *h, const char *name)
{
	return (h->name != NULL && same_name(h->name, name)) ||
	    (h->fqdn != NULL && same_name(h->fqdn, name)) ||
	    strcmp(h->id, name) == 0;
}

static void
free_host(struct host *h)
{
	size_t i;

	for (i = 0; i < h->nseries; i++) {
		free(h->series[i].boot);
		free(h->series[i].stretch);
		free(h->series[i].force);
	}
	for (i = 0; i < h->nmishaps; i++)
		free(h->mishap[i].cause);
	free(h->series);
	free(h->mishap);
	counted_free(&h->counted);
	hidden_free(&h->hidden);
	free(h->id);
	free(h->name);
	free(h->fqdn);
	free(h->addresses);
	free(h);
}

void
hosts_free(struct hosts *hs)
{
	size_t i;

	for (i = 0; i < hs->n; i++)
		free_host(hs->host[i]);
	free(hs->host);
	texts_free(&hs->filter);
	texts_free(&hs->probes);
}
