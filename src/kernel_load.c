/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of probes; loading them, all or one by one. */
#include "kernel_impl.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <cap-ng.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "cgroup2.h"
#include "conf.h"
#include "log.h"
#include "pidtreed.skel.h"

/* One row per probe; the order is that of the names in the messages. */
const struct probe kernel_table[NPROBES] = {
	[PROBE_FORK] = { "fork", "on_fork",
	    "tp_btf/sched_process_fork",
	    true, true, PROBE_FORK_AGAIN, 0, false, false },
	[PROBE_EXEC] = { "exec", "on_exec",
	    "tp_btf/sched_process_exec",
	    true, true, PROBE_EXEC_AGAIN, 0, false, false },
	[PROBE_EXIT] = { "exit", "on_exit",
	    "tp_btf/sched_process_exit",
	    true, true, PROBE_EXIT_AGAIN, 0, false, false },
	[PROBE_TASKS] = { "tasks", "on_task",
	    "iter.s/task", true, true, 0, 0, false, false },
	[PROBE_CONNECT] = { "connect", "on_sockops",
	    "sock_ops TCP_CONNECT_CB", false, false, 0, 0, false, false },
	[PROBE_OUTCOME] = { "outcome", "on_tcp_state",
	    "tp_btf/inet_sock_set_state", false, false, 0, 0, false, false },
	[PROBE_CLOSE] = { "close", "on_sockops",
	    "sock_ops STATE_CB", false, false, 0, WANT_CLOSE, true, false },
	[PROBE_UDP] = { "udp", "on_packet_out",
	    "cgroup_skb egress", false, false, 0, WANT_UDP, false, true },
	[PROBE_UDP4] = { "udp4", "on_sendmsg4",
	    "cgroup sendmsg4", false, false, 0, WANT_UDP, false, true },
	[PROBE_UDP6] = { "udp6", "on_sendmsg6",
	    "cgroup sendmsg6", false, false, 0, WANT_UDP, false, true },
	[PROBE_UDP_CLOSE] = { "udp-close", "on_udp_close",
	    "cgroup sock_release", false, false, 0, WANT_UDP, false, true },
	[PROBE_UDP_IDLE] = { "udp-idle", "do_sweep",
	    "raw_tp, run by the collector",
	    false, false, 0, WANT_UDP, false, false },
	[PROBE_LISTEN] = { "listen", "on_sockops",
	    "sock_ops TCP_LISTEN_CB", false, false, 0, WANT_LISTEN, true,
	    false },
	[PROBE_ACCEPT] = { "accept", "on_sockops",
	    "sock_ops PASSIVE_ESTABLISHED_CB", false, false, 0, WANT_ACCEPT,
	    true, false },
	[PROBE_SNAPSHOT] = { "snapshot", "on_file",
	    "iter/task_file", false, false, 0, 0, false, false },
	[PROBE_DNS] = { "dns", "on_packet_out",
	    "cgroup_skb egress", false, false, 0, WANT_DNS, true, false },
	[PROBE_DNS_IN] = { "dns-in", "on_packet_in",
	    "cgroup_skb ingress", false, false, 0, WANT_DNS, false, true },
	[PROBE_DNS_CONNECT4] = { "dns-connect4", "on_dns_connect4",
	    "cgroup connect4", false, false, 0, WANT_DNS, false, true },
	[PROBE_DNS_CONNECT6] = { "dns-connect6", "on_dns_connect6",
	    "cgroup connect6", false, false, 0, WANT_DNS, false, true },
	[PROBE_DNS_BIND4] = { "dns-bind4", "on_dns_bind4",
	    "cgroup post_bind4", false, false, 0, WANT_DNS, false, true },
	[PROBE_DNS_BIND6] = { "dns-bind6", "on_dns_bind6",
	    "cgroup post_bind6", false, false, 0, WANT_DNS, false, true },
	[PROBE_FORK_AGAIN] = { "fork-again", "on_fork_again",
	    "tp_btf/sched_wakeup_new", false, true, 0, 0, false, false },
	[PROBE_EXEC_AGAIN] = { "exec-again", "on_exec_again",
	    "tp_btf/sched_process_exec", false, true, 0, 0, false, false },
	[PROBE_EXIT_AGAIN] = { "exit-again", "on_exit_again",
	    "tp_btf/sched_process_exit", false, true, 0, 0, false, false },
	[PROBE_EXEC_LOG_AGAIN] = { "exec-log-again", "on_executed_again",
	    "tp_btf/sched_process_exec", false, true, 0, WANT_EXEC, false,
	    true },
	[PROBE_EXEC_LOG] = { "exec-log", "on_executed",
	    "tp_btf/sched_process_exec", false, true, PROBE_EXEC_LOG_AGAIN,
	    WANT_EXEC, false, true },
	[PROBE_EXEC_FAILED] = { "exec-failed", "on_exec_failed",
	    "tp_btf/sys_exit", false, true, 0, WANT_EXEC_FAILED, false, true },
	[PROBE_READLINE] = { "readline", "on_readline",
	    "uretprobe readline()", false, true, 0, WANT_READLINE, false,
	    true },
	[PROBE_BIND4] = { "bind4", "on_bound4",
	    "cgroup post_bind4", false, false, 0, WANT_BIND, false, false },
	[PROBE_BIND6] = { "bind6", "on_bound6",
	    "cgroup post_bind6", false, false, 0, WANT_BIND, false, false },
	[PROBE_BIND_PORT4] = { "bind-port4", "on_bind4",
	    "cgroup bind4", false, false, 0, WANT_BIND, false, false },
	[PROBE_BIND_PORT6] = { "bind-port6", "on_bind6",
	    "cgroup bind6", false, false, 0, WANT_BIND, false, false },
	[PROBE_CAPABLE] = { "capable", "on_capable",
	    "tp_btf/cap_capable", false, true, 0, WANT_DENIED | WANT_GRANTED,
	    false, true },
	[PROBE_CAPABLE_EXIT] = { "capable-exit", "on_cap_capable",
	    "fexit cap_capable()", false, true, 0, WANT_DENIED | WANT_GRANTED,
	    false, true },
	[PROBE_OPEN] = { "open", "on_open",
	    "tp_btf/sys_exit", false, true, 0, WANT_OPEN, false, true },
	[PROBE_OPEN_URING] = { "open-uring", "on_open_uring",
	    "tp_btf/io_uring_complete", false, true, 0, WANT_OPEN, false,
	    true },
	[PROBE_ESCAPE] = { "escape", "on_escape",
	    "tp_btf/sys_exit", false, true, 0, WANT_ESCAPE, false, true },
	[PROBE_ESCAPE_EXEC] = { "escape-exec", "on_escape_exec",
	    "tp_btf/sched_process_exec", false, true, 0, WANT_ESCAPE, false,
	    true },
};

/* The last complaint of libbpf: the reason why something was refused. */
static char complaint[192];

static int
remember(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	char line[sizeof(complaint)];

	if (level != LIBBPF_WARN)
		return 0;
	vsnprintf(line, sizeof(line), fmt, ap);
	line[strcspn(line, "\n")] = '\0';
	if (strncmp(line, "libbpf: ", 8) == 0)
		memmove(line, line + 8, strlen(line + 8) + 1);
	/* Keep the first: what follows only says what did not happen then. */
	if (complaint[0] == '\0' && line[0] != '\0')
		snprintf(complaint, sizeof(complaint), "%s", line);
	return 0;
}

void
kernel_reason_clear(void)
{
	complaint[0] = '\0';
}

const char *
kernel_reason(int err)
{
	if (complaint[0] == '\0')
		snprintf(complaint, sizeof(complaint), "%s", strerror(err));
	return complaint;
}

const char *
kernel_missing(void)
{
	static char line[128];

	if (access("/sys/kernel/btf/vmlinux", R_OK) == -1) {
		snprintf(line, sizeof(line), "/sys/kernel/btf/vmlinux: %s: "
		    "a kernel with BTF (CONFIG_DEBUG_INFO_BTF) is needed",
		    strerror(errno));
		return line;
	}
	if (capng_get_caps_process() == -1 ||
	    !capng_have_capability(CAPNG_EFFECTIVE, CAP_BPF) ||
	    !capng_have_capability(CAPNG_EFFECTIVE, CAP_PERFMON) ||
	    !capng_have_capability(CAPNG_EFFECTIVE, CAP_NET_ADMIN))
		return "not privileged: root is needed to start (CAP_BPF, "
		    "CAP_PERFMON, CAP_NET_ADMIN)";
	return NULL;
}

static unsigned
limit_of(const char *path)
{
	unsigned n = 0;
	FILE *f = fopen(path, "re");

	if (f != NULL) {
		if (fscanf(f, "%u", &n) != 1)
			n = 0;
		fclose(f);
	}
	return n != 0 ? n : 32768;
}

/* As many as there can be, exited ancestors of the living included. */
static unsigned
processes_of(const struct conf *conf)
{
	unsigned pids = limit_of("/proc/sys/kernel/pid_max");
	unsigned threads = limit_of("/proc/sys/kernel/threads-max");
	unsigned n = pids < threads ? pids : threads;

	if (conf->processes != 0)
		return conf->processes;
	return n < 65536 ? n : 65536;
}

struct pidtreed_bpf *
kernel_skel(const struct conf *conf)
{
	struct pidtreed_bpf *s;

	libbpf_set_print(remember);
	complaint[0] = '\0';
	s = pidtreed_bpf__open();
	if (s == NULL)
		return NULL;
	bpf_map__set_max_entries(s->maps.procs, processes_of(conf));
	bpf_map__set_max_entries(s->maps.images, conf->image_bytes / 2048);
	bpf_map__set_max_entries(s->maps.dead_procs, conf->dead_processes);
	bpf_map__set_max_entries(s->maps.dead_images, conf->dead_images);
	bpf_map__set_max_entries(s->maps.attempts_more, conf->attempts >
	    ATTEMPTS_READY ? conf->attempts - ATTEMPTS_READY : 1);
	bpf_map__set_max_entries(s->maps.endings_more,
	    bpf_map__max_entries(s->maps.attempts_more));
	bpf_map__set_max_entries(s->maps.sessions, conf->sessions);
	bpf_map__set_max_entries(s->maps.shares, NSHARES * conf->sessions);
	bpf_map__set_max_entries(s->maps.ring, conf->ring_bytes);
	kernel_capable_choose(s, conf);
	return s;
}

/* Loads the programs for which want[] is set; NULL with *err. */
static struct pidtreed_bpf *
try_load(const struct conf *conf, const bool want[NPROBES], int *err)
{
	struct pidtreed_bpf *s = kernel_skel(conf);
	struct bpf_program *p;

	if (s == NULL) {
		*err = errno;
		return NULL;
	}
	for (size_t i = 0; i < NPROBES; i++) {
		p = bpf_object__find_program_by_name(s->obj,
		    kernel_table[i].prog);
		if (want[i] || !kernel_table[i].within)
			bpf_program__set_autoload(p, want[i]);
	}
	*err = -pidtreed_bpf__load(s);
	if (*err == 0)
		return s;
	pidtreed_bpf__destroy(s);
	return NULL;
}

const struct kernel_probe *
kernel_check(const struct conf *conf, size_t *n)
{
	static struct kernel_probe rows[NPROBES];
	static char errors[NPROBES][192];
	struct pidtreed_bpf *s;
	int err;

	*n = 0;
	for (size_t i = 0; i < NPROBES; i++) {
		bool want[NPROBES] = { [0] = false };
		struct kernel_probe *row = &rows[*n];

		if (!kernel_capable_here(i))
			continue;
		want[i] = true;
		s = try_load(conf, want, &err);
		*row = (struct kernel_probe){ .name = kernel_table[i].name,
		    .hook = kernel_table[i].hook };
		if (s == NULL) {
			snprintf(errors[i], sizeof(errors[i]), "%s",
			    kernel_reason(err));
			row->error = errors[i];
		}
		pidtreed_bpf__destroy(s);
		++*n;
	}
	return rows;
}

/* With what an earlier collector kept, if that is all there. */
static bool
open_adopted(struct kernel *k, const struct conf *conf)
{
	k->skel = kernel_skel(conf);
	if (k->skel == NULL || kernel_adopt_maps(k))
		return k->skel != NULL;
	pidtreed_bpf__destroy(k->skel);
	k->skel = kernel_skel(conf);
	return false;
}

static void
refuse(struct kernel *k, enum probe_id i, const char *reason)
{
	snprintf(k->errors[i], sizeof(k->errors[i]), "%s", reason);
	k->probes[i].error = k->errors[i];
}

/* Names are hashed as before, where there was one: answers are awaited. */
static void
seed(struct kernel *k)
{
	int fd = bpf_map__fd(k->skel->maps.control);
	__u64 *at = &k->skel->rodata->dns_seed;
	struct control c;
	uint32_t zero = 0;

	if (fd >= 0 && bpf_map_lookup_elem(fd, &zero, &c) == 0 &&
	    c.dns_seed != 0)
		*at = c.dns_seed;
	else if (getrandom(at, sizeof(*at), 0) != sizeof(*at))
		*at = (uint64_t)time(NULL) * UINT64_C(0x9e3779b97f4a7c15);
}

bool
kernel_again_spare(void)
{
	struct utsname u;

	return uname(&u) == 0 && atoi(u.release) < 7;
}

/* Is this program attached by this start, on this kernel?  The verifier takes a
   tenth of a second for some.  Those of a cgroup a reload could not load. */
static bool
needed(const struct kernel *k, size_t i, unsigned wants)
{
	const struct probe *p = &kernel_table[i];

	if (k->probes[i].error != NULL || (kernel_again_spare() &&
	    i >= PROBE_FORK_AGAIN && i <= PROBE_EXEC_LOG_AGAIN))
		return false;
	return !p->demand || !p->early || (p->want & wants) != 0;
}

/* Whatever is not refused; 0 or an error. */
static int
load(struct kernel *k, const struct conf *conf, bool no_sockops)
{
	unsigned wants = kernel_wants(conf);

	k->skel->rodata->generation = k->generation;
	k->skel->rodata->sessions_most =
	    bpf_map__max_entries(k->skel->maps.sessions);
	k->attempts_most = bpf_map__max_entries(k->skel->maps.attempts) +
	    bpf_map__max_entries(k->skel->maps.attempts_more);
	k->skel->rodata->attempts_most = k->attempts_most;
	seed(k);
	k->skel->rodata->no_sockops = no_sockops;
	for (size_t i = 0; i < NPROBES; i++)
		if (!needed(k, i, wants) && !kernel_table[i].within)
			bpf_program__set_autoload(
			    bpf_object__find_program_by_name(k->skel->obj,
			    kernel_table[i].prog), false);
	return -pidtreed_bpf__load(k->skel);
}

/* Which of those that it can do without did the kernel not take?  How many. */
static size_t
find_refused(struct kernel *k, const struct conf *conf)
{
	size_t n = 0;

	for (size_t i = 0; i < NPROBES; i++) {
		bool want[NPROBES] = { [0] = false };
		struct pidtreed_bpf *s;
		int err;

		if (kernel_table[i].required || kernel_table[i].within ||
		    k->probes[i].error != NULL ||
		    !bpf_program__autoload(bpf_object__find_program_by_name(
		    k->skel->obj, kernel_table[i].prog)))
			continue;
		want[i] = true;
		s = try_load(conf, want, &err);
		if (s == NULL) {
			refuse(k, i, kernel_reason(err));
			n++;
		}
		pidtreed_bpf__destroy(s);
	}
	return n;
}

int
kernel_load(struct kernel *k, const struct conf *conf, int cgroup)
{
	const char *no_sockops = cgroup2_refuses_sockops(cgroup);
	bool adopted = open_adopted(k, conf);
	char reason[192];
	int err;

	if (k->skel == NULL) {
		log_error("bpf: %s", kernel_reason(errno));
		return -1;
	}
	if (adopted)
		k->generation = kernel_active_of(
		    bpf_map__fd(k->skel->maps.control));
	else
		kernel_drop_maps(k);
	kernel_look_around(k);
	k->generation++;
	k->how = adopted ? "adopted" : k->foreign ? "reseeded" : "fresh";
	for (size_t i = 0; i < NPROBES; i++)
		k->probes[i] = (struct kernel_probe){
		    .name = kernel_table[i].name,
		    .hook = kernel_table[i].hook };
	if (no_sockops != NULL)
		refuse(k, PROBE_CONNECT, no_sockops);
	err = load(k, conf, no_sockops != NULL);
	if (err == 0)
		return 0;
	snprintf(reason, sizeof(reason), "%s", kernel_reason(err));
	if (find_refused(k, conf) > 0) {
		pidtreed_bpf__destroy(k->skel);
		open_adopted(k, conf);
		if (k->skel != NULL &&
		    load(k, conf, k->probes[PROBE_CONNECT].error != NULL) == 0)
			return 0;
	}
	log_error("bpf: %s", reason);
	return -1;
}
