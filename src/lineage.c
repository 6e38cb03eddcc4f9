/* SPDX-License-Identifier: BSD-2-Clause */
/* The line behind an attempt; see lineage.h. */
#include "lineage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "boxes.h"
#include "buf.h"
#include "capability.h"
#include "connection.h"
#include "execution.h"
#include "image_text.h"
#include "known.h"
#include "names.h"
#include "opening.h"

#define GENERATIONS_MAX	4096	/* walked; the message has 32 of them */

struct lineage {
	const struct conf *conf;
	struct known *known;
	struct execution *execution;
	struct opening *opening;
	struct names *names;
	struct boxes *boxes;
	char boot[17];
	uint32_t netns;			/* our own */
	int64_t offset;			/* of the message in work */
	int64_t budget;			/* for names, us */
	struct asked {			/* the last, */
		int64_t id;
		struct str name;
	} asked[NNAMES];
	int64_t counter[NUCOUNTERS];
	struct buf text;		/* strings of the message in work */
	char mem[16384];
};

struct lineage *
lineage_new(const struct conf *conf, const struct kernel *kernel,
    struct names *names, struct boxes *boxes, const char *boot)
{
	struct lineage *l = calloc(1, sizeof(*l));
	struct stat st;
	uint32_t mntns = 0;

	if (l == NULL)
		return NULL;
	l->conf = conf;
	l->names = names;
	l->boxes = boxes;
	l->known = known_new(conf, kernel);
	if (stat("/proc/self/ns/mnt", &st) == 0)
		mntns = st.st_ino;
	l->execution = execution_new(conf, kernel, mntns);
	l->opening = opening_new(conf, kernel, mntns);
	if (l->known == NULL || l->execution == NULL || l->opening == NULL) {
		lineage_free(l);
		return NULL;
	}
	snprintf(l->boot, sizeof(l->boot), "%s", boot);
	if (stat("/proc/self/ns/net", &st) == 0)
		l->netns = st.st_ino;
	return l;
}

void
lineage_set_conf(struct lineage *l, const struct conf *conf)
{
	l->conf = conf;
	known_set_conf(l->known, conf);
	execution_set_conf(l->execution, conf);
	opening_set_conf(l->opening, conf);
}

const int64_t *
lineage_counters(struct lineage *l)
{
	l->counter[UCOUNTER_from_proc] = known_from_proc(l->known);
	return l->counter;
}

/* A copy that lives as long as the message. */
static struct str
keep(struct lineage *l, const char *s, size_t n)
{
	struct str str = { l->text.p + l->text.len, n };

	buf_add(&l->text, s, n);
	return l->text.full ? (struct str){ NULL, 0 } : str;
}

static struct str
keep_comm(struct lineage *l, const char *comm)
{
	return keep(l, comm, strnlen(comm, COMM_LEN));
}

static struct str
name_of(struct lineage *l, enum name_of of, int64_t id)
{
	struct asked *last = l->asked + of;
	const char *name;

	if (id == last->id)		/* nearly always the child's */
		return last->name;
	*last = (struct asked){ .id = id };
	name = names_get(l->names, of, id, &l->budget);
	if (name != NULL)
		last->name = keep(l, name, strlen(name));
	else if (l->budget <= 0)
		l->counter[UCOUNTER_names_timeout]++;
	return last->name;
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

/* "cmd,cmd2": which generations' arguments had a secret; own: that of the event
   itself, too, or NULL. */
static void
note_redacted(struct lineage *l, struct message *m, const char *own)
{
	char list[256];
	struct buf b;

	buf_init(&b, list, sizeof(list));
	if (own != NULL)
		buf_adds(&b, own);
	for (size_t i = 0; i < m->ngen; i++) {
		if (m->gen[i].cmdhash.s == NULL)
			continue;
		if (b.len > 0)
			buf_addc(&b, ',');
		buf_adds(&b, "cmd");
		if (m->gen[i].dist > 0)
			buf_addu(&b, m->gen[i].dist);
	}
	if (b.len > 0)
		m->redacted = keep(l, list, b.len);
}

static struct generation *
add(struct lineage *l, struct message *m, const struct proc_key *key,
    int64_t dist)
{
	struct generation *g = message_add_generation(m);

	g->dist = dist;
	g->pid = key->tgid;
	g->born = key->start / 1000 + l->offset;
	m->depth = dist + 1;
	return g;
}

static void
add_caller(struct lineage *l, const struct attempt *a, struct message *m)
{
	struct generation *g = add(l, m, &a->key, 0);

	g->uid = a->uid;
	if (a->euid != a->uid)
		g->euid = a->euid;
	g->gid = a->gid;
	g->group = name_of(l, NAME_OF_GROUP, g->gid);
	if (a->egid != a->gid)
		g->egid = a->egid;
	if (a->auid != NO_ID) {
		g->auid = a->auid;
		g->auser = name_of(l, NAME_OF_USER, g->auid);
	}
	if (a->ses != NO_ID)
		g->ses = a->ses;
	if (a->userns != 0) {
		m->userns = a->userns;
		if (a->nsuid != NO_ID)
			m->nsuid = a->nsuid;
	}
	g->comm = keep_comm(l, a->comm);
	g->user = name_of(l, NAME_OF_USER, g->uid);
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
	if (gid != a->gid) {
		g->gid = gid;
		g->group = name_of(l, NAME_OF_GROUP, gid);
	}
	if (auid != a->auid && auid != NO_ID) {
		g->auid = auid;
		g->auser = name_of(l, NAME_OF_USER, auid);
	}
	g->comm = keep_comm(l, comm);
	set_image(g, known_image(l->known, image));
}

static void
add_cut(struct message *m, uint32_t cut)
{
	if (cut > 0)
		m->cut = cut + (m->cut != NUM_NONE ? m->cut : 0);
}

/*
 * The line of birth: each parent from the record of its child.  Of those who
 * live the event knows best how they are, of the others their record.  Where
 * nobody knows a parent, the line goes on with the living.
 */
static void
add_ancestors(struct lineage *l, const struct attempt *a, struct message *m)
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

/* Who took over the nearest process whose parent by birth had gone. */
static void
set_adopter(struct lineage *l, const struct attempt *a, struct message *m)
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
			m->adopter = keep(l, comm, b.len);
			return;
		}
		n = known_node(l->known, &up->key, false);
		if (n == NULL)
			return;
		born_from = n->parent;
	}
}

static void
set_pkey(struct lineage *l, const struct proc_key *key, struct message *m)
{
	char id[64];
	struct buf b;

	buf_init(&b, id, sizeof(id));
	buf_addu(&b, key->tgid);
	buf_addc(&b, ':');
	buf_addu(&b, key->start);
	m->pkey = keep(l, id, b.len);
}

/* more: what a later message of the same attempt has behind its id. */
static void
set_id(struct lineage *l, uint64_t attempt, const char *more,
    struct message *m)
{
	char id[64];
	struct buf b;

	buf_init(&b, id, sizeof(id));
	buf_adds(&b, l->boot);
	buf_addc(&b, '-');
	buf_addu(&b, attempt >> 48);
	buf_addc(&b, '-');
	buf_addu(&b, attempt & 0xffffffffffffULL);
	if (*more != '\0') {
		m->cid = keep(l, id, b.len);
		buf_adds(&b, more);
	}
	m->externalid = keep(l, id, b.len);
}

/* "": not known. */
static struct str
text(const char *s)
{
	size_t n = s != NULL ? strlen(s) : 0;

	return (struct str){ n > 0 ? s : NULL, n };
}

static void
set_container(struct lineage *l, uint64_t cgroup, const struct container *c,
    struct message *m)
{
	const struct box *box = boxes_get(l->boxes, cgroup, c, &l->budget);

	m->container = text(c->id);
	m->runtime = text(c->runtime);
	m->poduid = text(c->pod);
	if (box == NULL)
		return;
	if (box->runtime[0] != '\0')
		m->runtime = text(box->runtime);
	m->containername = text(box->name);
	m->image = text(box->image);
	m->pod = text(box->pod);
	m->space = text(box->space);
}

static void
set_cgroup(struct lineage *l, uint64_t cgroup, struct message *m)
{
	const struct cgroup_text *t = known_cgroup(l->known, cgroup);

	if (t == NULL)
		return;
	m->cgroup = t->path;
	m->unit = t->unit;
	if (t->contained)
		set_container(l, cgroup, &t->container, m);
}

bool
lineage_fill(struct lineage *l, const struct attempt *a, int64_t offset_us,
    struct message *m)
{
	const char *own = NULL;

	l->offset = offset_us;
	l->budget = 50000;
	for (size_t i = 0; i < NNAMES; i++)
		l->asked[i] = (struct asked){ .id = NUM_NONE };
	buf_init(&l->text, l->mem, sizeof(l->mem));
	if (a->kind == KIND_EXEC) {
		if (execution_fill(l->execution, a, offset_us, m))
			own = "argv";
	} else if (a->kind == KIND_READLINE) {
		if (execution_fill_line(l->execution, a, offset_us, m))
			own = "line";
	} else if (a->kind == KIND_OPEN || a->kind == KIND_ESCAPE) {
		if (!opening_fill(l->opening, a, offset_us, m))
			return false;
	} else if (a->kind == KIND_CAPABLE)
		capability_fill(a, offset_us, m);
	else
		connection_fill(a, l->conf, offset_us, m);
	if (a->netns != l->netns)
		m->netns = a->netns;
	if (a->tid != a->key.tgid && a->tid != 0) {
		m->tid = a->tid;
		m->thread = keep_comm(l, a->thread);
	}
	set_cgroup(l, a->cgroup, m);
	set_pkey(l, &a->key, m);
	set_id(l, a->id, m->id == MSG_OUTCOME ? "-o" : "", m);
	add_caller(l, a, m);
	add_ancestors(l, a, m);
	set_adopter(l, a, m);
	note_redacted(l, m, own);
	if (a->kind == KIND_EXEC)
		execution_traits(l->execution, m);
	return true;
}

void
lineage_fill_ending(struct lineage *l, const struct ending *e,
    int64_t offset_us, struct message *m)
{
	buf_init(&l->text, l->mem, sizeof(l->mem));
	connection_fill_ending(e, offset_us, m);
	if (e->netns != l->netns)
		m->netns = e->netns;
	set_id(l, e->id, "-c", m);
}

void
lineage_free(struct lineage *l)
{
	if (l == NULL)
		return;
	known_free(l->known);
	execution_free(l->execution);
	opening_free(l->opening);
	free(l);
}
