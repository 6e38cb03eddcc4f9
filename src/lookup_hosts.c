/* SPDX-License-Identifier: BSD-2-Clause */
/* The hosts of the logs, and how they were recorded; see lookup_hosts.h. */
#include "lookup_hosts.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lookup_once.h"
#include "text.h"

static int
keep(char **to, struct str s)
{
	char *copy;

	if (s.s == NULL || (*to != NULL && strlen(*to) == s.n &&
	    memcmp(*to, s.s, s.n) == 0))
		return 0;
	if ((copy = strndup(s.s, s.n)) == NULL)
		return -1;
	free(*to);
	*to = copy;
	return 0;
}

static bool
is(const char *a, struct str b)
{
	return a == NULL ? b.s == NULL : b.s != NULL && strlen(a) == b.n &&
	    memcmp(a, b.s, b.n) == 0;
}

/* Room for one more element in an array of n. */
static int
grow(void *array, size_t n, size_t size)
{
	void **p = array, *more;

	if (n != 0 && (n < 8 || (n & (n - 1)) != 0))
		return 0;
	more = reallocarray(*p, n < 8 ? 8 : 2 * n, size);
	if (more == NULL)
		return -1;
	*p = more;
	return 0;
}

/* The same at a place in the middle, which is then free. */
static int
insert(void *array, size_t *n, size_t size, size_t at)
{
	char **p = array;

	if (grow(array, *n, size) < 0)
		return -1;
	memmove(*p + (at + 1) * size, *p + at * size, (*n - at) * size);
	++*n;
	return 0;
}

static ssize_t
texts_add(struct texts *t, struct str s)
{
	size_t i;

	if (s.s == NULL)
		s = (struct str){ "", 0 };
	for (i = t->n; i-- > 0; )
		if (is(t->text[i], s))
			return i;
	if (grow(&t->text, t->n, sizeof(*t->text)) < 0 ||
	    (t->text[t->n] = strndup(s.s, s.n)) == NULL)
		return -1;
	return t->n++;
}

struct host *
hosts_find(const struct hosts *hs, struct str id)
{
	size_t i;

	for (i = 0; i < hs->n; i++)
		if (is(hs->host[i]->id, id))
			return hs->host[i];
	return NULL;
}

/* Of every line: the same few ids again and again. */
static struct host **
cached(struct hosts *hs, struct str id)
{
	struct host **c = hs->cache + once_hash(0, id.s, id.n) % HOSTS_CACHE;

	if (*c == NULL || !is((*c)->id, id))
		*c = hosts_find(hs, id);
	return c;
}

static struct host *
add_host(struct hosts *hs, struct str id)
{
	struct host *h;

	if (grow(&hs->host, hs->n, sizeof(*hs->host)) < 0 ||
	    (h = calloc(1, sizeof(*h))) == NULL)
		return NULL;
	if (keep(&h->id, id) < 0) {
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
		    is(h->series[i].boot, boot))
			return h->series + i;
	if (grow(&h->series, h->nseries, sizeof(*s)) < 0)
		return NULL;
	s = h->series + h->nseries;
	*s = (struct series){ .procid = procid, .started = NUM_NONE,
	    .stopped = NUM_NONE };
	if (keep(&s->boot, boot) < 0)
		return NULL;
	h->nseries++;
	return s;
}

/* b follows a: are they one? */
static bool
join(struct series *s, size_t i)
{
	struct stretch *a = s->stretch + i, *b = a + 1;

	if (i + 1 >= s->nstretches || b->a > a->b + 1)
		return false;
	if (b->b > a->b)
		a->b = b->b;
	if (b->last > a->last)
		a->last = b->last;
	if (b->first < a->first)
		a->first = b->first;
	s->nstretches--;
	memmove(b, b + 1, (s->nstretches - i - 1) * sizeof(*b));
	return true;
}

/* The last stretch that begins at or before seq, or n. */
static size_t
stretch_at(const struct series *s, int64_t seq)
{
	size_t low = 0, high = s->nstretches;

	if (high > 0 && s->stretch[high - 1].a <= seq)
		return high - 1;
	while (low < high) {
		size_t mid = (low + high) / 2;

		if (s->stretch[mid].a <= seq)
			low = mid + 1;
		else
			high = mid;
	}
	return low == 0 ? s->nstretches : low - 1;
}

static int
add_number(struct series *s, int64_t seq, int64_t time)
{
	size_t i = stretch_at(s, seq), at = i == s->nstretches ? 0 : i + 1;

	if (i < s->nstretches && seq <= s->stretch[i].b + 1) {
		struct stretch *st = s->stretch + i;

		if (seq > st->b)
			st->b = seq;
		if (time > st->last)
			st->last = time;
		if (time < st->first)
			st->first = time;
		join(s, i);
		return 0;
	}
	if (insert(&s->stretch, &s->nstretches, sizeof(*s->stretch), at) < 0)
		return -1;
	s->stretch[at] = (struct stretch){ seq, seq, time, time };
	join(s, at);
	return 0;
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
		if (keep(&h->name, l->hostname) < 0)
			return -1;
	}
	if (!numbered || l->seq == NUM_NONE)
		return 0;
	if ((s = find_series(h, l->procid, l->boot)) == NULL)
		return -1;
	return add_number(s, l->seq, l->time);
}

static int
add_stretch(struct series *s, const struct stretch *st)
{
	size_t i = stretch_at(s, st->a), at = i == s->nstretches ? 0 : i + 1;

	if (insert(&s->stretch, &s->nstretches, sizeof(*st), at) < 0)
		return -1;
	s->stretch[at] = *st;
	if (at > 0 && join(s, at - 1))
		at--;
	while (join(s, at))
		continue;
	return 0;
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
		if (add_stretch(s, from->stretch + i) < 0)
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
		if (from->name != NULL && keep(&h->name,
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

/* Filter and probes from t on, or at t: neighbours that say the same become
   one. */
static int
add_force(struct hosts *hs, struct series *s, const struct message *m)
{
	ssize_t filter = texts_add(&hs->filter, m->filter);
	ssize_t probes = texts_add(&hs->probes, m->probes);
	size_t i = s->nforces;
	struct force new = { m->time, m->time, filter, probes,
	    m->id != MSG_STATS }, *f;

	if (filter < 0 || probes < 0)
		return -1;
	while (i > 0 && s->force[i - 1].first > m->time)
		i--;
	if (i > 0) {
		f = s->force + i - 1;
		if (f->filter == new.filter && f->probes == new.probes) {
			if (m->time > f->last)
				f->last = m->time;
			return 0;
		}
		if (f->last > m->time) {	/* it falls in the middle */
			if (insert(&s->force, &s->nforces, sizeof(*f), i) < 0)
				return -1;
			s->force[i] = s->force[i - 1];
			s->force[i].first = m->time;
			s->force[i].reload = false;
			s->force[i - 1].last = m->time;
		}
	}
	if (i < s->nforces && !s->force[i].reload &&
	    s->force[i].filter == new.filter &&
	    s->force[i].probes == new.probes) {
		s->force[i].first = m->time;
		s->force[i].reload = new.reload;
		return 0;
	}
	if (insert(&s->force, &s->nforces, sizeof(*f), i) < 0)
		return -1;
	s->force[i] = new;
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
	    counter == COUNTER_endings_full;
}

/* Connections that LOST says may be missing. */
static int64_t
connections_lost(const struct message *m)
{
	int64_t n = 0;
	size_t i;

	for (i = 0; i < NCOUNTERS; i++)
		if (!loses_detail_alone(i) && m->counter[i] > 0)
			n += m->counter[i];
	for (i = 0; i < NUCOUNTERS; i++)
		if (m->ucounter[i] > 0)
			n += m->ucounter[i];
	return n;
}

static int
add_mishap(struct host *h, struct mishap new, struct str cause)
{
	if (grow(&h->mishap, h->nmishaps, sizeof(new)) < 0 ||
	    keep(&new.cause, cause) < 0)
		return -1;
	h->mishap[h->nmishaps++] = new;
	return 0;
}

static int
lost(struct host *h, const struct message *m)
{
	return add_mishap(h, (struct mishap){ MSG_LOST, m->time,
	    connections_lost(m), NULL }, m->cause);
}

static int
stepped(struct host *h, const struct message *m)
{
	if (m->before == NUM_NONE || m->after == NUM_NONE)
		return 0;
	return add_mishap(h, (struct mishap){ MSG_CLOCK, m->time,
	    m->after - m->before, NULL }, m->cause);
}

int
hosts_unreadable(struct host *h, int64_t time, const char *why)
{
	return add_mishap(h, (struct mishap){ NMSGIDS, time, 1, NULL },
	    (struct str){ why, strlen(why) });
}

static int
describe(struct host *h, const struct message *m)
{
	h->forwards |= m->forwarding == 1;
	if (m->time < h->described)
		return 0;
	h->described = m->time;
	return keep(&h->fqdn, m->fqdn) < 0 ||
	    keep(&h->addresses, m->addresses) < 0 ? -1 : 0;
}

int
hosts_own(struct hosts *hs, struct host *h, const struct message *m)
{
	struct series *s = find_series(h, m->procid, m->boot);

	if (s == NULL)
		return -1;
	switch (m->id) {
	case MSG_START:
		s->started = m->time;
		s->adopted = is("adopted", m->cause);
		return add_force(hs, s, m);
	case MSG_RELOAD:
	case MSG_STATS:
		return add_force(hs, s, m);
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
	case MSG_CLOSE:
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
	free(h->id);
	free(h->name);
	free(h->fqdn);
	free(h->addresses);
	free(h);
}

static void
free_texts(struct texts *t)
{
	size_t i;

	for (i = 0; i < t->n; i++)
		free(t->text[i]);
	free(t->text);
}

void
hosts_free(struct hosts *hs)
{
	size_t i;

	for (i = 0; i < hs->n; i++)
		free_host(hs->host[i]);
	free(hs->host);
	free_texts(&hs->filter);
	free_texts(&hs->probes);
}
