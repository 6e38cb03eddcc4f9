/* SPDX-License-Identifier: BSD-2-Clause */
/* The caller, the line of its birth, and who took over; see lineage.h. */
#include <string.h>

#include "buf.h"
#include "image_text.h"
#include "known.h"
#include "lineage_impl.h"

#define GENERATIONS_MAX	4096	/* walked; the message has 32 of them */

static struct str
name_of(struct lineage *l, enum name_of of, int64_t id)
{
	struct asked *known = l->asked[of], *a;
	const char *name;

	for (size_t i = 0; i < ASKED; i++)
		if (known[i].id == id)	/* nearly always the child's */
			return known[i].name;
	a = known + l->nasked[of]++ % ASKED;
	*a = (struct asked){ .id = id };
	name = names_get(l->names, of, id, &l->budget);
	if (name != NULL)
		a->name = lineage_keep(l, name, strlen(name));
	else if (l->budget <= 0)
		l->counter[UCOUNTER_names_timeout]++;
	return a->name;
}

/* What the generation that was added last is called: its place becomes free
   when that of the message does (message_add_generation). */
static struct str
comm_of(struct lineage *l, const char *comm)
{
	size_t n = l->generations - 1;
	char *place;

	if (n >= GENERATIONS_NEAR)
		n = GENERATIONS_NEAR + (n - GENERATIONS_NEAR) %
		    (GENERATIONS - GENERATIONS_NEAR);
	place = l->comm[n];
	memcpy(place, comm, COMM_LEN);
	return (struct str){ place, strnlen(place, COMM_LEN) };
}

/* How many processes above the caller the one in this slot is: those behind
   the nearest are a ring, see line_step in bpf/caller.h. */
static uint32_t
distance(const struct attempt *a, unsigned slot)
{
	const uint32_t last = a->depth - 2;

	if (slot < LINE_NEAR)
		return slot + 1;
	return last - (last - slot) % (LINE_LEN - LINE_NEAR) + 1;
}

static const struct ancestor *
find_living(const struct attempt *a, const struct proc_key *key)
{
	for (unsigned i = 0; i < a->lines; i++)
		if (a->line[i].key.start == key->start &&
		    a->line[i].key.tgid == key->tgid)
			return &a->line[i];
	return NULL;
}

/* The next living ancestor above distance d of the walk. */
static const struct ancestor *
living_at(const struct attempt *a, uint32_t d)
{
	for (unsigned i = 0; i < a->lines; i++)
		if (distance(a, i) == d)
			return &a->line[i];
	return NULL;
}

static void
set_image(struct generation *g, const struct image_text *t)
{
	if (t == NULL)
		return;
	g->exe = t->exe;
	g->script = t->script;
	g->cmd = t->cmd;
	g->cmdlen = t->cmdlen;
	g->cmdhash = t->cmdhash;
}

static struct generation *
add(struct lineage *l, struct message *m, const struct proc_key *key,
    int64_t dist)
{
	struct generation *g = message_add_generation(m);

	l->generations++;
	g->dist = dist;
	g->pid = key->tgid;
	g->born = key->start / 1000 + l->offset;
	m->depth = dist + 1;
	return g;
}

void
lineage_add_caller(struct lineage *l, const struct attempt *a,
    struct message *m)
{
	struct generation *g = add(l, m, &a->key, 0);

	if (a->uid != NO_ID) {
		g->uid = a->uid;
		g->user = name_of(l, NAME_OF_USER, g->uid);
	}
	if (a->euid != a->uid)
		g->euid = a->euid;
	if (a->auid != NO_ID) {
		g->auid = a->auid;
		g->auser = name_of(l, NAME_OF_USER, g->auid);
	}
	/* Users first: a group of many members takes long. */
	if (a->gid != NO_ID) {
		g->gid = a->gid;
		g->group = name_of(l, NAME_OF_GROUP, g->gid);
	}
	if (a->egid != a->gid)
		g->egid = a->egid;
	if (a->ses != NO_ID)
		g->ses = a->ses;
	if (a->userns != 0) {
		m->userns = a->userns;
		if (a->nsuid != NO_ID)
			m->nsuid = a->nsuid;
	}
	g->comm = comm_of(l, a->comm);
	set_image(g, known_image(l->known, a->image));
	if (!(a->flags & ATTEMPT_REF)) {
		g->state = (struct str){ "unresolved", 10 };
		l->counter[UCOUNTER_unresolved]++;
	}
}

static void
set_who(struct lineage *l, const struct attempt *a, struct generation *g,
    uint32_t uid, uint32_t gid, uint32_t auid, const char *comm,
    uint64_t image)
{
	g->uid = uid;
	g->user = name_of(l, NAME_OF_USER, uid);
	if (auid != a->auid && auid != NO_ID) {
		g->auid = auid;
		g->auser = name_of(l, NAME_OF_USER, auid);
	}
	if (gid != a->gid) {
		g->gid = gid;
		g->group = name_of(l, NAME_OF_GROUP, gid);
	}
	g->comm = comm_of(l, comm);
	set_image(g, known_image(l->known, image));
}

static void
add_cut(struct message *m, uint32_t cut)
{
	if (cut > 0)
		m->cut = cut + (m->cut != NUM_NONE ? m->cut : 0);
}

void
lineage_add_ancestors(struct lineage *l, const struct attempt *a,
    struct message *m)
{
	struct proc_key key = a->parent;
	const struct ancestor *up;
	struct generation *g;
	const struct node *n;
	uint32_t met = 0;		/* distance of the last living one */
	int64_t dist = 1 + a->cut;

	add_cut(m, a->cut);
	if (key.tgid == 0 && (up = living_at(a, 1)) != NULL &&
	    !(a->flags & ATTEMPT_REF))
		key = up->key;
	for (int i = 0; key.tgid != 0 && i < GENERATIONS_MAX; i++) {
		up = find_living(a, &key);
		n = known_node(l->known, &key, up == NULL);
		g = add(l, m, &key, dist);
		if (up != NULL) {
			met = distance(a, up - a->line);
			set_who(l, a, g, up->uid, up->key.pad, up->auid,
			    up->comm, up->image);
			if (up->image == 0)
				set_image(g, known_in_proc(l->known, &key));
		} else if (n != NULL) {
			set_who(l, a, g, n->uid, n->gid, n->auid, n->comm,
			    n->image);
			if (n->gone && n->ended <= a->time)
				g->state = (struct str){ "exited", 6 };
			if (n->image == 0 && !n->gone)
				set_image(g, known_in_proc(l->known, &key));
		}
		if (up == NULL && n == NULL) {
			g->state = (struct str){ "unresolved", 10 };
			l->counter[UCOUNTER_unresolved]++;
		}
		if (n != NULL) {
			key = n->parent;
			add_cut(m, n->cut);
			dist += 1 + n->cut;
		} else {
			up = living_at(a, met + 1);
			key = up != NULL ? up->key : (struct proc_key){ 0 };
			dist++;
		}
	}
}

void
lineage_set_adopter(struct lineage *l, const struct attempt *a,
    struct message *m)
{
	struct proc_key born_from = a->parent;
	const struct ancestor *up;
	const struct node *n;
	char comm[4 * COMM_LEN + 24];
	struct buf b;

	for (uint32_t d = 1; born_from.tgid != 0; d++) {
		up = living_at(a, d);
		if (up == NULL)
			return;
		if (up->key.start != born_from.start ||
		    up->key.tgid != born_from.tgid) {
			buf_init(&b, comm, sizeof(comm));
			buf_add(&b, up->comm, strnlen(up->comm, COMM_LEN));
			buf_addf(&b, "(%u)", up->key.tgid);
			m->adopter = lineage_keep(l, comm, b.len);
			return;
		}
		n = known_node(l->known, &up->key, false);
		if (n == NULL)
			return;
		born_from = n->parent;
	}
}
