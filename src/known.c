/* SPDX-License-Identifier: BSD-2-Clause */
/* What is remembered of processes, executables and cgroups; see known.h. */
#include "known.h"

#include <stdlib.h>
#include <string.h>

#include "cache.h"
#include "image_text.h"
#include "kernel.h"
#include "procfs.h"

#define NODES		8192	/* processes remembered */
#define IMAGES		2048	/* rendered executables and arguments */
#define CGROUPS		256
#define CGROUP_ROOT	1	/* its id; it has no name that says anything */

struct known {
	const struct conf *conf;
	const struct kernel *kernel;
	struct cache *nodes, *images, *cgroups;
	unsigned char key[32];
	int64_t from_proc;
};

struct known *
known_new(const struct conf *conf, const struct kernel *kernel)
{
	struct known *k = calloc(1, sizeof(*k));

	if (k == NULL)
		return NULL;
	k->conf = conf;
	k->kernel = kernel;
	k->nodes = cache_new(NODES);
	k->images = cache_new(IMAGES);
	k->cgroups = cache_new(CGROUPS);
	if (k->nodes == NULL || k->images == NULL || k->cgroups == NULL) {
		known_free(k);
		return NULL;
	}
	image_text_key(k->key);
	return k;
}

void
known_set_conf(struct known *k, const struct conf *conf)
{
	k->conf = conf;
	cache_empty(k->images);
}

int64_t
known_from_proc(const struct known *k)
{
	return k->from_proc;
}

/* The text of an image, remembered under this key.  NULL: no memory. */
static const struct image_text *
remember(struct known *k, const struct image *image, uint64_t a, uint32_t b)
{
	struct image_text *t = image_text_new(image, k->conf, k->key);

	if (t != NULL && cache_put(k->images, a, b, t) == -1) {
		free(t);
		t = NULL;
	}
	return t;
}

const struct image_text *
known_image(struct known *k, uint64_t id)
{
	const struct image_text *t = id != 0 ?
	    cache_get(k->images, id, 0) : NULL;
	struct image image;

	if (id == 0 || t != NULL || kernel_image(k->kernel, id, &image) == -1)
		return t;
	return remember(k, &image, id, 0);
}

const struct image_text *
known_in_proc(struct known *k, const struct proc_key *key)
{
	const struct image_text *t = cache_get(k->images, key->start,
	    key->tgid);
	struct image image;

	if (t != NULL || procfs_image(key, &image) == -1)
		return t;
	k->from_proc++;
	return remember(k, &image, key->start, key->tgid);
}

const struct cgroup_text *
known_cgroup(struct known *k, uint64_t id)
{
	struct cgroup_text *t = cache_get(k->cgroups, id, 0);
	struct cgroup_name name;

	if (id == CGROUP_ROOT || t != NULL ||
	    kernel_cgroup(k->kernel, id, &name) == -1 ||
	    (t = malloc(sizeof(*t))) == NULL)
		return t;
	cgroup2_names(&name, t);
	if (cache_put(k->cgroups, id, 0, t) == -1) {
		free(t);
		return NULL;
	}
	return t;
}

const struct node *
known_node(struct known *k, const struct proc_key *key, bool gone)
{
	struct node *n = cache_get(k->nodes, key->start, key->tgid);
	struct proc r;

	if (n != NULL && (n->gone || !gone))
		return n;
	if (kernel_proc(k->kernel, key, &r) == -1)
		return n;
	if (n == NULL) {
		n = calloc(1, sizeof(*n));
		if (n == NULL || cache_put(k->nodes, key->start, key->tgid, n)
		    == -1) {
			free(n);
			return NULL;
		}
		n->parent = r.parent;
		n->cut = r.cut;
	}
	n->gone = r.flags & PROC_EXITED;
	n->ended = r.ended;
	n->image = r.image;
	n->cgroup = r.cgroup;
	n->uid = r.uid;
	n->euid = r.euid;
	n->gid = r.gid;
	n->egid = r.egid;
	n->auid = r.auid;
	n->ses = r.ses;
	memcpy(n->comm, r.comm, COMM_LEN);
	return n;
}

void
known_free(struct known *k)
{
	if (k == NULL)
		return;
	cache_free(k->nodes);
	cache_free(k->images);
	cache_free(k->cgroups);
	free(k);
}
