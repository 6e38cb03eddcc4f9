/* SPDX-License-Identifier: BSD-2-Clause */
#include "capability.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* By number: linux/capability.h. */
static const char *const names[] = {
	"CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID",
	"KILL", "SETGID", "SETUID", "SETPCAP", "LINUX_IMMUTABLE",
	"NET_BIND_SERVICE", "NET_BROADCAST", "NET_ADMIN", "NET_RAW",
	"IPC_LOCK", "IPC_OWNER", "SYS_MODULE", "SYS_RAWIO", "SYS_CHROOT",
	"SYS_PTRACE", "SYS_PACCT", "SYS_ADMIN", "SYS_BOOT", "SYS_NICE",
	"SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "MKNOD", "LEASE",
	"AUDIT_WRITE", "AUDIT_CONTROL", "SETFCAP", "MAC_OVERRIDE",
	"MAC_ADMIN", "SYSLOG", "WAKE_ALARM", "BLOCK_SUSPEND", "AUDIT_READ",
	"PERFMON", "BPF", "CHECKPOINT_RESTORE"
};
#define NNAMES	(sizeof(names) / sizeof(names[0]))

int
capability_of(const char *name)
{
	if (strncasecmp(name, "CAP_", 4) == 0)
		name += 4;
	for (size_t i = 0; i < NNAMES; i++)
		if (strcasecmp(name, names[i]) == 0)
			return i;
	return -1;
}

/* One that is newer than this table has its number. */
static struct str
name_of(unsigned cap)
{
	static char text[32];

	if (cap < NNAMES)
		snprintf(text, sizeof(text), "CAP_%s", names[cap]);
	else
		snprintf(text, sizeof(text), "CAP_%u", cap);
	return (struct str){ text, strlen(text) };
}

/* The host's own: its inode is the same everywhere (PROC_USER_INIT_INO of
   include/linux/proc_ns.h). */
#define FIRST_USERNS	0xEFFFFFFDu

void
capability_fill(const struct attempt *a, int64_t offset_us, struct message *m)
{
	m->start = a->time / 1000 + offset_us;
	m->end = a->decided / 1000 + offset_us;
	m->time = m->end;
	m->act = (struct str){ "capable", 7 };
	m->outcome = a->err != 0 ? (struct str){ "denied", 6 } :
	    (struct str){ "granted", 7 };
	m->capability = name_of(a->dport);
	m->cnt = a->cnt;
	if (a->asked != FIRST_USERNS)
		m->asked = a->asked;
}
