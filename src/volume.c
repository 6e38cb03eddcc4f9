/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is logged, added up; see volume.h.  The lineages are counted as in
 * Metwally, Agrawal, El Abbadi: "Efficient computation of frequent and top-k
 * elements in data streams" (2005): who comes when all places are taken gets
 * that of the smallest, with its bytes.
 */
#include "volume.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "fields.h"
#include "text.h"

#define HOUR_MS		(3600 * INT64_C(1000))
#define GENERATIONS_NAMED 6

struct half {
	int64_t since;
	size_t n;
	uint64_t hash[VOLUME_LINEAGES];
	struct volume_lineage lineage[VOLUME_LINEAGES];
};

struct volume {
	int64_t begin, hour;		/* hour: begin of the current one */
	size_t at;
	struct { uint64_t messages, bytes; } hours[VOLUME_HOURS];
	struct half half[2];		/* this one, and the one before */
	size_t now;
};

struct volume *
volume_new(int64_t now)
{
	struct volume *v = calloc(1, sizeof(*v));

	if (v == NULL)
		return NULL;
	v->begin = v->hour = now;
	v->half[0].since = v->half[1].since = now;
	return v;
}

static void
turn(struct volume *v, int64_t now)
{
	for (int i = 0; now - v->hour >= HOUR_MS && i < VOLUME_HOURS; i++) {
		v->hour += HOUR_MS;
		v->at = (v->at + 1) % VOLUME_HOURS;
		v->hours[v->at].messages = v->hours[v->at].bytes = 0;
	}
	if (now - v->hour >= HOUR_MS)
		v->hour = now;		/* asleep for more than a day */
	if (now - v->half[v->now].since < VOLUME_HALF_MS)
		return;
	v->now = !v->now;
	v->half[v->now].n = 0;
	v->half[v->now].since = now;
}

static void
name_of(struct buf *b, const struct message *m)
{
	size_t i;

	if (m->ngen == 0) {
		buf_adds(b, msgid_names[m->id].name);
		return;
	}
	if (m->gen[0].user.n > 0 && m->gen[0].user.n <= 32)
		text_escape(b, m->gen[0].user.s, m->gen[0].user.n);
	else
		buf_addu(b, m->gen[0].uid >= 0 ? m->gen[0].uid : 0);
	buf_addc(b, ':');
	for (i = 0; i < m->ngen && i < GENERATIONS_NAMED; i++) {
		size_t before = b->len;

		buf_addc(b, i == 0 ? ' ' : '<');
		text_escape_comm(b, m->gen[i].comm.s, m->gen[i].comm.n);
		if (b->full) {
			b->len = before;
			b->full = false;
			break;
		}
	}
}

static uint64_t
hash(const char *s, size_t n)
{
	uint64_t h = 0xcbf29ce484222325;	/* FNV-1a */

	while (n-- > 0)
		h = (h ^ (unsigned char)*s++) * 0x100000001b3;
	return h;
}

static struct volume_lineage *
find(struct half *h, const char *name, uint64_t key)
{
	for (size_t i = 0; i < h->n; i++)
		if (h->hash[i] == key && strcmp(h->lineage[i].name, name) == 0)
			return h->lineage + i;
	return NULL;
}

static struct volume_lineage *
place(struct half *h, const char *name, uint64_t key)
{
	struct volume_lineage *l = find(h, name, key);
	size_t least = 0;

	if (l != NULL)
		return l;
	if (h->n < VOLUME_LINEAGES) {
		least = h->n++;
		h->lineage[least].bytes = 0;
	} else
		for (size_t i = 1; i < h->n; i++)
			if (h->lineage[i].bytes < h->lineage[least].bytes)
				least = i;
	l = h->lineage + least;
	h->hash[least] = key;
	strcpy(l->name, name);
	l->over = l->bytes;
	l->messages = 0;
	return l;
}

void
volume_add(struct volume *v, int64_t now, const struct message *m,
    size_t bytes)
{
	char mem[VOLUME_NAME];
	struct volume_lineage *l;
	struct buf b;

	turn(v, now);
	v->hours[v->at].messages++;
	v->hours[v->at].bytes += bytes;
	buf_init(&b, mem, sizeof(mem) - 1);
	name_of(&b, m);
	mem[b.len] = '\0';
	l = place(&v->half[v->now], mem, hash(mem, b.len));
	l->messages++;
	l->bytes += bytes;
}

void
volume_day(struct volume *v, int64_t now, struct volume_sum *sum)
{
	int64_t most;

	turn(v, now);
	most = now - v->hour + (VOLUME_HOURS - 1) * HOUR_MS;
	sum->ms = now - v->begin < most ? now - v->begin : most;
	sum->messages = sum->bytes = 0;
	for (size_t i = 0; i < VOLUME_HOURS; i++) {
		sum->messages += v->hours[i].messages;
		sum->bytes += v->hours[i].bytes;
	}
}

static int
by_bytes(const void *a, const void *b)
{
	const struct volume_lineage *x = a, *y = b;

	return x->bytes < y->bytes ? 1 : x->bytes > y->bytes ? -1 :
	    strcmp(x->name, y->name);
}

size_t
volume_top(struct volume *v, int64_t now, struct volume_lineage *top,
    size_t n, int64_t *ms)
{
	struct half *a, *b;
	struct volume_lineage *all = calloc(2 * VOLUME_LINEAGES, sizeof(*all));
	struct volume_lineage *l;
	size_t count;

	turn(v, now);
	a = &v->half[v->now];
	b = &v->half[!v->now];
	*ms = now - (b->since < a->since ? b->since : a->since);
	if (all == NULL)
		return 0;
	memcpy(all, a->lineage, a->n * sizeof(*all));
	count = a->n;
	for (size_t i = 0; i < b->n; i++) {
		if ((l = find(a, b->lineage[i].name, b->hash[i])) == NULL) {
			all[count++] = b->lineage[i];
			continue;
		}
		l = all + (l - a->lineage);
		l->messages += b->lineage[i].messages;
		l->bytes += b->lineage[i].bytes;
		l->over += b->lineage[i].over;
	}
	qsort(all, count, sizeof(*all), by_bytes);
	if (count > n)
		count = n;
	memcpy(top, all, count * sizeof(*all));
	free(all);
	return count;
}

void
volume_free(struct volume *v)
{
	free(v);
}
