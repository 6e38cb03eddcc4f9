/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * An execution that is to be logged, when it was recorded (exec.bpf.c), or when
 * it failed.  These programs are attached only if the configuration wants it.
 */
#include "often.h"
#include "syscall.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

struct args_walk {
	struct doing *d;
	__u64 at;		/* the caller's pointer to the next */
	__u32 word;
	__u32 len;
	__u32 flags;
};

/* One argument behind the others; what goes beyond args[] is overwritten by
   what is filled later. */
static long
arg_step(__u32 i, struct args_walk *w)
{
	__u32 len = w->len;
	__u64 p = 0;
	long n;

	n = w->word == 4 ? bpf_probe_read_user(&p, 4, (void *)w->at) :
	    bpf_probe_read_user(&p, 8, (void *)w->at);
	if (n == 0 && p == 0)
		return 1;
	w->at += w->word;
	barrier_var(len);
	if (n || i == DOING_ARGS || len >= ARGS_LEN) {
		w->flags |= DOING_ARGS_CUT;
		return 1;
	}
	n = bpf_probe_read_user_str(&w->d->args[len], ARGS_LEN, (void *)p);
	if (n <= 0) {
		w->flags |= DOING_ARGS_CUT;
		return 1;
	}
	w->len = len + n;
	return 0;
}

/* What was asked for, out of the caller's memory.  That may not be there. */
__weak __noinline int
doing_asked(__u64 id, __u64 args, __u64 file, __u32 word)
{
	struct args_walk w = { .at = args, .word = word,
	    .len = always_zero };
	long n;

	w.d = doing_find(&id);
	if (!w.d)
		return 0;
	if (args)
		bpf_loop(DOING_ARGS + 1, arg_step, &w, 0);
	if (w.len > ARGS_LEN) {
		w.len = ARGS_LEN;
		w.flags |= DOING_ARGS_CUT;
	}
	w.d->args_len = w.len;
	doing_places(id);
	n = bpf_probe_read_user_str(w.d->file, SCRIPT_LEN, (void *)file);
	if (n < 0)
		w.d->file[0] = 0;
	if (n == SCRIPT_LEN)
		w.flags |= DOING_FILE_CUT;
	w.d->flags |= w.flags;
	return 0;
}

struct name_walk {
	__u64 at, hash;
};

/* Eight bytes of what was asked for, up to its NUL. */
static long
name_step(__u32 i, struct name_walk *w)
{
	const __u64 ones = 0x0101010101010101ULL;
	__u64 word = 0, nul;

	/* The last ones may lie at the end of what can be read. */
	if (bpf_probe_read_user(&word, 8, (void *)w->at + 8 * i)) {
		word = 0;
		if (bpf_probe_read_user_str(&word, 8,
		    (void *)w->at + 8 * i) < 0)
			return 1;
	}
	nul = (word - ones) & ~word & (ones << 7);
	if (nul)
		word &= ((nul & -nul) >> 7) - 1;
	w->hash = lineage_mix(w->hash, word);
	return nul != 0;
}

static __always_inline __u64
name_hash(__u64 name)
{
	struct name_walk w = { .at = name };

	bpf_loop(SCRIPT_LEN / 8, name_step, &w, 0);
	return w.hash;
}

/* Of bits of the file, and whether it gave capabilities: to root, or in a user
   namespace to its root, exec gives all of them anyway. */
static __always_inline __u32
exec_gives(struct task_struct *t, struct linux_binprm *bprm)
{
	__u16 mode = BPF_CORE_READ(t, mm, exe_file, f_inode, i_mode);
	__u64 has = 0, ambient = 0;
	__u32 flags = 0;

	if (mode & S_ISUID)
		flags |= DOING_SETUID;
	if ((mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP))
		flags |= DOING_SETGID;
	if (flags || !BPF_CORE_READ_BITFIELD_PROBED(bprm, secureexec))
		return flags;
	bpf_probe_read_kernel(&has, sizeof(has), &t->cred->cap_permitted);
	bpf_probe_read_kernel(&ambient, sizeof(ambient),
	    &t->cred->cap_ambient);
	return has & ~ambient ? DOING_SETCAP : 0;
}

/* Both programs come here for one exec; its image knows the first.  Without
   an image the second one cannot tell. */
static __always_inline bool
exec_told(struct task_struct *t, bool again)
{
	struct proc_key key;
	struct image *image;
	struct proc *r;
	__u64 id;

	key_of(&key, t);
	r = bpf_map_lookup_elem(&procs, &key);
	id = r ? r->image : 0;
	image = bpf_map_lookup_elem(&images, &id);
	if (!image || image->exec != t->self_exec_id)
		return again;
	return __sync_fetch_and_or(&image->flags, IMAGE_TOLD) & IMAGE_TOLD;
}

/* Where the file is that is executed, before what lies behind it. */
__weak __noinline int
exec_places(__u64 id)
{
	struct task_struct *t = bpf_get_current_task_btf();
	struct doing *d = doing_find(&id);
	__u32 flags = 0;
	struct file *exe;

	if (!d)
		return 0;
	exe = BPF_CORE_READ(t, mm, exe_file);
	d->inside_off = path_put_inside(d->args, &exe->f_path, &flags);
	doing_places(id);
	d->flags |= flags;
	return 0;
}

static __always_inline int
executed(struct task_struct *t, struct linux_binprm *bprm, bool again)
{
	struct often o = { .kind = KIND_EXEC };
	struct control *c = gate();
	struct attempt *a;
	struct doing *d;
	int verdict;
	__u64 id;

	if (!c || !(c->wants & WANT_EXEC) || exec_told(t, again))
		return 0;
	/* The lineage has what is executed in it. */
	verdict = often_counts(&o);
	if (verdict == STORM_COUNTED)
		return 0;
	id = doing_new(c, t, KIND_EXEC);
	a = attempt_find(&id);
	if (!id || !a)
		return 0;
	doing_image(a);
	exec_places(id);
	d = doing_find(&id);
	if (d) {
		d->flags |= exec_gives(t, bprm);
		if (bprm->fdpath)
			d->flags |= DOING_FD;
	}
	if (verdict == STORM_LOG)
		count(COUNTER_exec_logged);
	often_tell(&o, a, id, verdict);
	return 0;
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(on_executed, struct task_struct *t, int old_pid,
    struct linux_binprm *bprm)
{
	return executed(t, bprm, false);
}

/* For what on_executed missed (see kernel.h). */
SEC("tp_btf/sched_process_exec")
int BPF_PROG(on_executed_again, struct task_struct *t, int old_pid,
    struct linux_binprm *bprm)
{
	return executed(t, bprm, true);
}

/*
 * Every system call comes here, so what did not fail goes first.  An error
 * from ERESTARTSYS on is none: the call begins again.
 */
SEC("tp_btf/sys_exit")
int BPF_PROG(on_exec_failed, struct pt_regs *regs, long ret)
{
	struct often o = { .err = -ret, .kind = KIND_EXEC };
	struct task_struct *t;
	struct control *c;
	struct call call;
	int verdict;
	struct attempt *a;
	struct doing *d;
	__u64 id;

	if (ret >= 0 || ret <= -512 || !call_maybe(regs))
		return 0;
	c = gate();
	t = bpf_get_current_task_btf();
	if (!c || !(c->wants & WANT_EXEC_FAILED) || !call_of(&call, regs, t))
		return 0;
	o.what = name_hash(call.file);
	verdict = often_counts(&o);
	if (verdict == STORM_COUNTED)
		return 0;
	id = doing_new(c, t, KIND_EXEC);
	a = attempt_find(&id);
	if (!id || !a)
		return 0;
	a->err = -ret;
	doing_asked(id, call.args, call.file, call.word);
	d = doing_find(&id);
	if (d && call.at)
		d->flags |= call.flags & AT_EMPTY_PATH && !d->file[0] ?
		    DOING_FD : DOING_AT;
	if (verdict == STORM_LOG)
		count(COUNTER_exec_logged);
	often_tell(&o, a, id, verdict);
	return 0;
}
