/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A process of a container gets at what is not the container's: it opens or
 * executes a file that is outside of its root and mounts, or enters a namespace
 * of the host.  Nobody else comes far here.
 */
#include "opened.h"
#include "apart.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

struct apart_host apart_host;

#define NSFS_MAGIC	0x6e736673	/* include/uapi/linux/magic.h */

/* The caller's namespaces; that of the pids is its children's. */
static __always_inline void
spaces_of(__u32 space[SPACES], struct task_struct *t)
{
	struct nsproxy *p = BPF_CORE_READ(t, nsproxy);

	space[SPACE_MNT] = BPF_CORE_READ(p, mnt_ns, ns.inum);
	space[SPACE_NET] = BPF_CORE_READ(p, net_ns, ns.inum);
	space[SPACE_UTS] = BPF_CORE_READ(p, uts_ns, ns.inum);
	space[SPACE_IPC] = BPF_CORE_READ(p, ipc_ns, ns.inum);
	space[SPACE_PID] = BPF_CORE_READ(p, pid_ns_for_children, ns.inum);
	space[SPACE_CGROUP] = BPF_CORE_READ(p, cgroup_ns, ns.inum);
	space[SPACE_TIME] = BPF_CORE_READ(p, time_ns, ns.inum);
	space[SPACE_USER] = BPF_CORE_READ(t, real_cred, user_ns, ns.inum);
}

struct first_walk {
	struct task_struct *at;
};

static long
first_step(__u32 i, struct first_walk *w)
{
	struct task_struct *t = w->at;

	if (t->tgid == 1)
		return 1;
	w->at = t->real_parent->group_leader;
	return 0;
}

/* The collector runs it once: process 1 is at the top of its own line. */
SEC("raw_tp")
int do_host(void *ctx)
{
	struct first_walk w = { .at = bpf_get_current_task_btf() };
	struct task_struct *t;
	struct mount *m;

	bpf_loop(4096, first_step, &w, 0);
	t = w.at;
	if (t->tgid != 1)
		return 0;
	spaces_of(apart_host.space, t);
	m = real_mount(BPF_CORE_READ(t, fs, root.mnt));
	apart_host.below = mounts_below(m);
	apart_host.sb = (__u64)BPF_CORE_READ(t, fs, root.dentry, d_sb);
	apart_host.root = !apart_host.below ? 0 :
	    (__u64)BPF_CORE_READ(t, fs, root.dentry);
	apart_host.mntns = (__u64)BPF_CORE_READ(t, nsproxy, mnt_ns);
	return 1;
}

static __always_inline int
escape_tell(struct open_call *call, enum escape_way way)
{
	call->kind = KIND_ESCAPE;
	call->way = way;
	count(COUNTER_escapes);
	return open_tell(call);
}

static __always_inline __u64
file_hit(const struct file *file)
{
	struct inode *inode = BPF_CORE_READ(file, f_inode);

	return lineage_mix(lineage_mix(1, BPF_CORE_READ(inode, i_ino)),
	    BPF_CORE_READ(inode, i_sb, s_dev)) | 1;
}

/* Without a branch, of which the verifier would follow both, eight times. */
static __always_inline __u32
same(__u32 a, __u32 b)
{
	__u64 less = (__u64)(a ^ b) - 1;

	barrier_var(less);
	return less >> 63;
}

/* Which of the host's namespaces setns(2) has led into, as 1 << enum space.
   Where neither flags nor the descriptor say what was asked for, all that the
   caller shares with the host. */
static __noinline __u32
spaces_entered(struct task_struct *t, __s32 fd, __u32 flags)
{
	/* include/uapi/linux/sched.h, in the order of enum space */
	const __u32 clone_flag[SPACES] = {
		0x00020000, 0x40000000, 0x04000000, 0x08000000, 0x20000000,
		0x02000000, 0x00000080, 0x10000000,
	};
	__u32 space[SPACES], now = 0, by_flag = 0, by_file = 0;
	struct file *file = NULL;
	struct inode *inode;
	__u64 ino = 0;

	spaces_of(space, t);
	if (!flags)
		file = file_of(t, fd);
	inode = file ? BPF_CORE_READ(file, f_inode) : NULL;
	if (inode && BPF_CORE_READ(inode, i_sb, s_magic) == NSFS_MAGIC)
		ino = BPF_CORE_READ(inode, i_ino);
	for (int i = 0; i < SPACES; i++) {
		now |= same(space[i], apart_host.space[i]) << i;
		by_flag |= same(flags & clone_flag[i], clone_flag[i]) << i;
		by_file |= same(space[i], ino) << i;
	}
	/* That of one of the host's sandboxes shows the host's files, too. */
	now |= !apart(t) << SPACE_MNT;
	/* All have the host's time, as a rule. */
	now &= ~(1 << SPACE_TIME);
	return flags ? now & by_flag : ino ? now & by_file : now;
}

static __noinline __u32
entered(struct task_struct *t, const void *regs)
{
	enum born born = apart_born(t, false);
	__u32 spaces;
	__u64 a[4];

	if (born == BORN_HOST)
		return 0;
	open_args(a, regs, t);
	spaces = spaces_entered(t, a[0], a[1]);
	/* A memfd may be a runtime, and all but the mounts may be shared. */
	return born == BORN_APART ? spaces : spaces & 1 << SPACE_MNT;
}

/* Every system call comes here. */
SEC("tp_btf/sys_exit")
int BPF_PROG(on_escape, struct pt_regs *regs, long ret)
{
	struct task_struct *t = bpf_get_current_task_btf();
	bool opens = open_maybe(regs);
	struct open_call call = {};
	struct control *c;
	struct file *file;
	enum open_nr nr;

	if (ret < 0 || (opens ? !apart(t) : !is_setns(regs, t)))
		return 0;
	c = gate();
	if (!c || !(c->wants & WANT_ESCAPE))
		return 0;
	if (!opens) {
		call.hit = call.entered = entered(t, regs);
		return call.hit ? escape_tell(&call, ESCAPE_SETNS) : 0;
	}
	nr = open_nr(regs, t);
	file = nr != OPEN_NONE ? file_of(t, ret) : NULL;
	if (!file)
		return 0;
	call.place = apart_place(file, nr == BY_HANDLE);
	if (call.place == PLACE_OWN || apart_born(t, true) != BORN_APART)
		return 0;
	open_call_of(&call, nr, regs, t);
	call.file = (__u64)file;
	call.hit = file_hit(file);
	return escape_tell(&call, ESCAPE_OPEN);
}

/* By who was in the container before: a runtime executes nothing of the host
   once it is inside. */
SEC("tp_btf/sched_process_exec")
int BPF_PROG(on_escape_exec, struct task_struct *t)
{
	struct open_call call = {};
	struct control *c;
	struct file *file;

	if (!apart(t))
		return 0;
	c = gate();
	if (!c || !(c->wants & WANT_ESCAPE))
		return 0;
	file = BPF_CORE_READ(t, mm, exe_file);
	call.place = apart_place(file, false);
	if (call.place == PLACE_OWN)
		return 0;
	call.file = (__u64)file;
	call.hit = file_hit(file);
	return escape_tell(&call, ESCAPE_EXEC);
}
