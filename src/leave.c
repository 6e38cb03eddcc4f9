/* SPDX-License-Identifier: BSD-2-Clause */
/* The rules that the kernel decides; see leave.h. */
#define _GNU_SOURCE
#include "leave.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "boxfilter.h"
#include "cgroup2.h"
#include "clock.h"
#include "conf.h"
#include "daemon.h"
#include "kernel.h"
#include "log.h"
#include "rules.h"

#define AGAIN_MS	10000	/* a control group may have been made again */
#define PATH_LONGEST	300	/* bytes; a longer one is recorded cut, */
#define PATH_DEEPEST	12	/* or one of more components */

struct leave {
	struct daemon *d;
	int cgroups;		/* root of the hierarchy, or -1 */
	bool on;
	struct rules_leave now;
	uint64_t total;
	int64_t next;		/* ms: look at the control groups again */
};

struct leave *
leave_new(struct daemon *d)
{
	struct leave *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return NULL;
	l->d = d;
	l->cgroups = cgroup2_open();
	return l;
}

/* As in struct expr_aim: the id is the inode's number (fs/kernfs). */
static uint64_t
cgroup_id(void *arg, struct str path)
{
	const struct leave *l = arg;
	char name[PATH_LONGEST + 1];
	unsigned depth = 0;
	struct stat st;

	if (l->cgroups == -1 || path.n < 2 || path.n > PATH_LONGEST ||
	    path.s[0] != '/' || memchr(path.s, '\0', path.n) != NULL ||
	    memmem(path.s, path.n, "/.", 2) != NULL ||
	    memmem(path.s, path.n, "//", 2) != NULL ||
	    path.s[path.n - 1] == '/')
		return 0;
	for (size_t i = 0; i < path.n; i++)
		depth += path.s[i] == '/';
	memcpy(name, path.s + 1, path.n - 1);
	name[path.n - 1] = '\0';
	return depth <= PATH_DEEPEST && fstatat(l->cgroups, name, &st,
	    AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode) ? st.st_ino : 0;
}

static void
take(struct leave *l, const struct leave_set *counted)
{
	uint64_t n = rules_leave_count(&l->now, counted);

	l->total += n;
	l->d->dropped += n;
}

/* What a container's processes do may be left out for another reason, which
   user space knows. */
static void
find(struct leave *l, struct rules_leave *to)
{
	if (boxfilter_text(l->d->conf->box_filter) == NULL)
		rules_leave(l->d->rules, cgroup_id, l, to);
	else
		memset(to, 0, sizeof(*to));
	l->next = clock_ms() + AGAIN_MS;
}

static void
use(struct leave *l, const struct rules_leave *to)
{
	struct leave_set last;

	if (to->set.n == 0 && !l->on)
		return;
	if (kernel_set_leave(l->d->kernel, to->set.n > 0 ? &to->set : NULL,
	    &last) == -1) {
		log_warn("rules in the kernel: %s", strerror(errno));
		/* Then it ends by itself, soon: LEAVE_LEASE_NS. */
		if (to->set.n == 0)
			l->on = false;
		return;
	}
	if (l->on)
		take(l, &last);
	l->on = to->set.n > 0;
	l->now = *to;
}

void
leave_begin(struct leave *l)
{
	struct rules_leave to;

	find(l, &to);
	use(l, &to);
}

void
leave_end(struct leave *l)
{
	static const struct rules_leave none;

	use(l, &none);
}

/* Its terms, without what they have counted. */
static bool
same(const struct rules_leave *a, const struct rules_leave *b)
{
	for (size_t i = 0; i < LEAVE_TERMS; i++) {
		struct leave_term t = a->set.term[i];

		t.hits = b->set.term[i].hits;
		if (a->rule[i] != b->rule[i] ||
		    memcmp(&t, b->set.term + i, sizeof(t)) != 0)
			return false;
	}
	return true;
}

void
leave_tick(struct leave *l)
{
	struct rules_leave to;
	struct leave_set set;

	if (l->on && kernel_leave(l->d->kernel, &set) == 0)
		take(l, &set);
	if (clock_ms() < l->next)
		return;
	find(l, &to);
	if (!same(&to, &l->now))
		use(l, &to);
}

uint64_t
leave_total(const struct leave *l)
{
	return l->total;
}

void
leave_free(struct leave *l)
{
	if (l == NULL)
		return;
	if (l->cgroups != -1)
		close(l->cgroups);
	free(l);
}
