/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The kernel's types that the programs read, with only the fields they read;
 * CO-RE finds the real offsets at load time.  Where kernels differ, the
 * difference is an accessor at the end, with the version and the commit.
 */
#ifndef PIDTREED_KERNEL_H
#define PIDTREED_KERNEL_H

#include <linux/bpf.h>
#include <stdbool.h>

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_tracing.h>

#pragma clang attribute push(__attribute__((preserve_access_index)), \
    apply_to = record)

typedef struct { __u32 val; } kuid_t;
typedef struct { __u32 val; } kgid_t;
typedef struct { int counter; } atomic_t;

struct qstr { __u32 len; const unsigned char *name; };
struct hlist_bl_node { struct hlist_bl_node **pprev; };
struct inode;
struct super_block;
struct dentry {
	struct hlist_bl_node d_hash;
	struct dentry *d_parent;
	struct qstr d_name;
	struct inode *d_inode;
	struct super_block *d_sb;
};
struct mnt_namespace;
struct vfsmount { struct dentry *mnt_root; };
struct mount {
	struct mount *mnt_parent;
	struct dentry *mnt_mountpoint;
	struct vfsmount mnt;
	struct mnt_namespace *mnt_ns;
};
struct path { struct vfsmount *mnt; struct dentry *dentry; };
struct block_device;
struct super_block {
	__u32 s_dev;
	unsigned long s_magic;
	struct block_device *s_bdev;
};
struct inode {
	unsigned short i_mode;
	unsigned long i_ino;
	struct super_block *i_sb;
};
struct file { struct path f_path; struct inode *f_inode; };
struct mm_struct {
	struct file *exe_file;
	unsigned long arg_start, arg_end, env_start, env_end;
};
struct linux_binprm {
	unsigned int secureexec:1;
	const char *filename, *fdpath;
};
struct fs_struct { struct path root, pwd; };
struct fdtable { unsigned int max_fds; struct file **fd; };
struct files_struct { struct fdtable *fdt; };

struct kernfs_node { const char *name; __u64 id; };
struct cgroup { struct kernfs_node *kn; };
struct css_set { struct cgroup *dfl_cgrp; };

struct ns_common { unsigned int inum; };
#define UID_EXTENTS	5	/* UID_GID_MAP_MAX_BASE_EXTENTS */
struct uid_gid_extent { __u32 first, lower_first, count; };
struct uid_gid_map {
	__u32 nr_extents;
	struct uid_gid_extent extent[UID_EXTENTS];
};
struct user_namespace {
	struct uid_gid_map uid_map;
	int level;
	struct ns_common ns;
};
/* A mask of 64 bits, whatever it is made of. */
typedef struct { __u32 any; } kernel_cap_t;
struct cred {
	kuid_t uid, euid;
	kgid_t gid, egid;
	kernel_cap_t cap_permitted, cap_ambient;
	struct user_namespace *user_ns;
};
struct mnt_namespace { struct ns_common ns; };
struct uts_namespace { struct ns_common ns; };
struct ipc_namespace { struct ns_common ns; };
struct pid_namespace { struct ns_common ns; };
struct time_namespace { struct ns_common ns; };
struct cgroup_namespace { struct ns_common ns; };
struct net;
struct nsproxy {
	struct uts_namespace *uts_ns;
	struct ipc_namespace *ipc_ns;
	struct mnt_namespace *mnt_ns;
	struct pid_namespace *pid_ns_for_children;
	struct net *net_ns;
	struct time_namespace *time_ns;
	struct cgroup_namespace *cgroup_ns;
};
struct pid { unsigned int level; };
struct tty_struct { char name[64]; };
struct signal_struct { atomic_t live; struct tty_struct *tty; };
struct task_struct {
	unsigned int flags;
	int pid, tgid;
	struct task_struct *group_leader, *real_parent;
	__u64 start_boottime;
	char comm[16];
	const struct cred *real_cred, *cred;
	struct mm_struct *mm;
	struct signal_struct *signal;
	struct css_set *cgroups;
	struct fs_struct *fs;
	struct files_struct *files;
	struct nsproxy *nsproxy;
	struct pid *thread_pid;
	__u64 self_exec_id;
	kuid_t loginuid;		/* CONFIG_AUDIT */
	unsigned int sessionid;		/* CONFIG_AUDIT */
};

struct net { struct ns_common ns; };
typedef struct { struct net *net; } possible_net_t;
struct in6_addr { union { __u8 u6_addr8[16]; } in6_u; };
struct sock_common {
	__be32 skc_daddr, skc_rcv_saddr;
	__be16 skc_dport;
	__u16 skc_num;
	unsigned short skc_family;
	unsigned char skc_state;
	unsigned long skc_flags;
	possible_net_t skc_net;
	struct in6_addr skc_v6_daddr, skc_v6_rcv_saddr;
};
struct sock {
	struct sock_common __sk_common;
	__u8 sk_userlocks:4;
	__u16 sk_protocol;
	int sk_err, sk_err_soft;
};
struct inet_sock { struct sock sk; __be16 inet_sport; };
struct inet_bind_bucket { signed char fastreuse; };
struct inet_connection_sock {
	struct inet_sock icsk_inet;
	struct inet_bind_bucket *icsk_bind_hash;
	void *icsk_ulp_data;
};
struct tcp_sock {
	struct inet_connection_sock inet_conn;
	__u8 repair:1;
	bool is_mptcp;
	__u64 bytes_sent, bytes_retrans, bytes_received, bytes_acked;
	__u32 snd_nxt, snd_una;
};
struct socket { short type; struct sock *sk; };
struct mptcp_subflow_context { struct sock *conn; };
struct mptcp_sock { __u32 token; };

struct seq_file;
struct bpf_map;
struct bpf_iter_meta { struct seq_file *seq; };
struct bpf_iter__task {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
};
struct bpf_iter__task_file {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
	__u32 fd;
	struct file *file;
};

#pragma clang attribute pop

#define PF_KTHREAD	0x00200000	/* include/linux/sched.h */
#define AF_INET		2
#define AF_INET6	10
#define IPPROTO_TCP	6
#define IPPROTO_UDP	17
#define S_ISUID		04000
#define S_ISGID		02000
#define S_IXGRP		00010
#define S_IFMT		0170000
#define S_IFIFO		0010000
#define S_IFSOCK	0140000
#define SOCK_BINDPORT_LOCK 8	/* sk_userlocks: bind was given a port */
#define SOCK_STREAM	1
#define SOCK_DGRAM	2
#define SOCK_DONE	1	/* bit of skc_flags: FIN received */
enum {
	TCP_ESTABLISHED = 1, TCP_SYN_SENT = 2, TCP_FIN_WAIT1 = 4,
	TCP_FIN_WAIT2 = 5, TCP_CLOSE = 7, TCP_CLOSE_WAIT = 8,
	TCP_LAST_ACK = 9, TCP_LISTEN = 10, TCP_CLOSING = 11,
};

/* 6.15 (633488947ef6 "kernfs: Use RCU to access kernfs_node::parent"):
   parent became __parent. */
struct kernfs_node___old {
	struct kernfs_node *parent;
} __attribute__((preserve_access_index));
struct kernfs_node___new {
	struct kernfs_node *__parent;
} __attribute__((preserve_access_index));

static __always_inline struct kernfs_node *
kernfs_parent(struct kernfs_node *kn)
{
	struct kernfs_node___old *old = (void *)kn;

	if (bpf_core_field_exists(old->parent))
		return BPF_CORE_READ(old, parent);
	return BPF_CORE_READ((struct kernfs_node___new *)kn, __parent);
}

/*
 * Before 6.7 (ab5cfac139ab "bpf: verify callbacks as if they are called unknown
 * number of times") the verifier goes through what bpf_loop calls once, with
 * what it is given the first time, and takes out what that does not come to:
 * the bound of a counter that is known to begin at 0.  So what is asked again
 * in the next round begins with this, which it does not know.
 */
extern __u32 always_zero;		/* pass.bpf.c */

/*
 * 7.0 (a46023d5616e "tracing: Guard __DECLARE_TRACE() use of __DO_TRACE_CALL()
 * with SRCU-fast"): programs on tracepoints can be preempted, and until such a
 * one goes on the kernel skips it for all other tasks on that CPU.  30 of 2,400
 * forks were missed under emulation, and a line whose members had gone was cut
 * there.  So fork, exec and exit have a second program each, on_*_again, which
 * the collector attaches there: it does what the first one did not.
 */

/* Without CONFIG_AUDIT nobody ever logged in. */
static __always_inline __u32
task_auid(struct task_struct *t)
{
	return bpf_core_field_exists(t->loginuid) ? t->loginuid.val : ~0u;
}

static __always_inline __u32
task_ses(struct task_struct *t)
{
	return bpf_core_field_exists(t->sessionid) ? t->sessionid : ~0u;
}

#endif
