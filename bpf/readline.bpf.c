/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A line that was typed: what readline() gives to a shell, when it returns. */
#include "doing.h"
#include "syscall.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* The line is in the caller's memory, and was written a moment ago. */
__weak __noinline int
doing_line(__u64 id, __u64 line)
{
	struct doing *d = doing_find(&id);
	struct task_struct *t = bpf_get_current_task_btf();
	long n;

	if (!d)
		return 0;
	n = bpf_probe_read_user_str(d->args, ARGS_LEN, (void *)line);
	d->args_len = n > 0 && n <= ARGS_LEN ? n : 0;
	if (n <= 0 || n == ARGS_LEN)
		d->flags |= DOING_ARGS_CUT;
	doing_places(id);
	bpf_probe_read_kernel_str(d->file, TTY_LEN,
	    BPF_CORE_READ(t, signal, tty, name));
	return 0;
}

SEC("uretprobe")
int on_readline(void *ctx)
{
	__u64 line = call_result(ctx), id;
	struct control *c = gate();
	struct attempt *a;
	char first = 0;

	if (!line || !c || !(c->wants & WANT_READLINE))
		return 0;
	if (!bpf_probe_read_user(&first, 1, (void *)line) && !first)
		return 0;	/* Return was pressed, and nothing else */
	id = doing_new(c, bpf_get_current_task_btf(), KIND_READLINE);
	a = attempt_find(&id);
	if (!id || !a)
		return 0;
	doing_image(a);
	doing_line(id, line);
	count(COUNTER_lines);
	barrier();
	a->state = ATTEMPT_NOMARK;
	attempt_ring(a, id);
	return 0;
}
