/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* One record of the family tree: whose it is, what is noted in it, and how it
   is written to while others read. */
#ifndef PIDTREED_RECORD_H
#define PIDTREED_RECORD_H

#include "maps.h"

static __always_inline bool
key_equal(const struct proc_key *a, const struct proc_key *b)
{
	return a->start == b->start && a->tgid == b->tgid;
}

static __always_inline void
key_of(struct proc_key *key, struct task_struct *t)
{
	struct task_struct *leader = t->group_leader;

	key->start = leader->start_boottime;
	key->tgid = leader->tgid;
	key->pad = 0;
}

/* A writer makes head odd; a reader that finds head != tail tries again. */
static __always_inline void
proc_write_begin(struct proc *r)
{
	__sync_fetch_and_add(&r->head, 1);
	barrier();
}

static __always_inline void
proc_write_end(struct proc *r)
{
	barrier();
	__sync_fetch_and_add(&r->head, 1);
	r->tail = r->head;
}

static __always_inline __u64
lineage_mix(__u64 h, __u64 v)
{
	h = (h ^ v) * 0x9e3779b97f4a7c15ULL;
	return h ^ h >> 32;
}

/* One more execution on the line: which file. */
static __always_inline __u64
lineage_file(__u64 lineage, struct file *exe)
{
	struct inode *inode = BPF_CORE_READ(exe, f_inode);

	lineage = lineage_mix(lineage, BPF_CORE_READ(inode, i_ino));
	return lineage_mix(lineage, BPF_CORE_READ(inode, i_sb, s_dev));
}

/* And by which name it was asked for: an interpreter's script. */
static __always_inline __u64
lineage_script(__u64 lineage, const struct image *image)
{
	const __u64 *word = (const void *)image->script;

	for (int i = 0; i < SCRIPT_LEN / 8; i++)
		lineage = lineage_mix(lineage, word[i]);
	return lineage;
}

static __always_inline void
proc_note(struct proc *r, struct task_struct *t)
{
	const struct task_struct *leader = t->group_leader;
	const struct cred *cred = t->real_cred;

	r->uid = cred->uid.val;
	r->euid = cred->euid.val;
	r->gid = cred->gid.val;
	r->egid = cred->egid.val;
	r->auid = task_auid(t);
	r->ses = task_ses(t);
	r->cgroup = t->cgroups->dfl_cgrp->kn->id;
	bpf_probe_read_kernel(r->comm, sizeof(r->comm), leader->comm);
}

#endif
