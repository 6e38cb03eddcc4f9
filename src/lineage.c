/* SPDX-License-Identifier: BSD-2-Clause */
/* The line behind an attempt; see lineage.h. */
#include "lineage_impl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "boxes.h"
#include "buf.h"
#include "capability.h"
#include "connection.h"
#include "execution.h"
#include "known.h"
#include "opening.h"

struct lineage *
lineage_new(const struct conf *conf, const struct kernel *kernel,
    struct names *names, struct boxes *boxes, const char *boot)
{
	struct lineage *l = calloc(1, sizeof(*l));
	struct stat st;

	if (l == NULL)
		return NULL;
	l->conf = conf;
	l->names = names;
	l->boxes = boxes;
	l->known = known_new(conf, kernel);
	if (stat("/proc/self/ns/mnt", &st) == 0)
		l->host.mntns = st.st_ino;
	filepath_host_root("/proc/self/mountinfo", &l->host);
	l->execution = execution_new(conf, kernel, &l->host);
	l->opening = opening_new(conf, kernel, &l->host);
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

struct str
lineage_keep(struct lineage *l, const char *s, size_t n)
{
	struct str str = { l->text.p + l->text.len, n };

	buf_add(&l->text, s, n);
	return l->text.full ? (struct str){ NULL, 0 } : str;
}

struct str
lineage_keep_comm(struct lineage *l, const char *comm)
{
	return lineage_keep(l, comm, strnlen(comm, COMM_LEN));
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
		m->redacted = lineage_keep(l, list, b.len);
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
	m->pkey = lineage_keep(l, id, b.len);
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
		m->cid = lineage_keep(l, id, b.len);
		buf_adds(&b, more);
	}
	m->externalid = lineage_keep(l, id, b.len);
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

static void
begin(struct lineage *l)
{
	l->budget = 50000;
	l->generations = 0;
	for (size_t i = 0; i < NNAMES; i++)
		for (size_t j = 0; j < ASKED; j++)
			l->asked[i][j] = (struct asked){ .id = NUM_NONE };
	buf_init(&l->text, l->mem, sizeof(l->mem));
}

/* Who owned a socket may have gone long before the event; the kernel keeps
   records of the dead for a while.  The attempt with what one says. */
static bool
gone_owner(struct lineage *l, const struct attempt *a, struct attempt *owned)
{
	const struct node *n;

	if (!(a->flags & (ATTEMPT_OWNER | ATTEMPT_SUBFLOW)) ||
	    a->flags & ATTEMPT_REF ||
	    (n = known_node(l->known, &a->key, true)) == NULL)
		return false;
	*owned = *a;
	owned->flags |= ATTEMPT_REF;
	owned->image = n->image;
	owned->parent = n->parent;
	owned->cut = n->cut;
	owned->uid = n->uid;
	owned->euid = n->euid;
	owned->gid = n->gid;
	owned->egid = n->egid;
	owned->auid = n->auid;
	owned->ses = n->ses;
	owned->cgroup = n->cgroup;
	memcpy(owned->comm, n->comm, COMM_LEN);
	return true;
}

bool
lineage_fill(struct lineage *l, const struct attempt *a, int64_t offset_us,
    struct message *m)
{
	const char *own = NULL;
	struct attempt owned;

	l->offset = offset_us;
	begin(l);
	if (gone_owner(l, a, &owned))
		a = &owned;
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
		m->thread = lineage_keep_comm(l, a->thread);
	}
	set_cgroup(l, a->cgroup, m);
	set_pkey(l, &a->key, m);
	set_id(l, a->id, m->id == MSG_OUTCOME ? "-o" : "", m);
	lineage_add_caller(l, a, m);
	lineage_add_ancestors(l, a, m);
	lineage_set_adopter(l, a, m);
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
