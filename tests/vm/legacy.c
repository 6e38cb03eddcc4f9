/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * legacy CGROUP: attaches a sock_ops program that does nothing to the cgroup,
 * in the old way that lets no other one in beside it; it stays.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int
bpf(enum bpf_cmd cmd, union bpf_attr *attr)
{
	return syscall(SYS_bpf, cmd, attr, sizeof(*attr));
}

int
main(int argc, char **argv)
{
	struct bpf_insn return_1[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0,
		    .imm = 1 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	union bpf_attr load = { .prog_type = BPF_PROG_TYPE_SOCK_OPS,
	    .insn_cnt = 2, .insns = (uintptr_t)return_1,
	    .license = (uintptr_t)"GPL" };
	union bpf_attr attach = { .attach_type = BPF_CGROUP_SOCK_OPS };

	if (argc != 2) {
		fprintf(stderr, "usage: legacy CGROUP\n");
		return 2;
	}
	attach.target_fd = open(argv[1], O_RDONLY | O_DIRECTORY);
	attach.attach_bpf_fd = bpf(BPF_PROG_LOAD, &load);
	if (bpf(BPF_PROG_ATTACH, &attach) == -1) {
		fprintf(stderr, "legacy: %s: %s\n", argv[1], strerror(errno));
		return 1;
	}
	return 0;
}
