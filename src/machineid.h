/* SPDX-License-Identifier: BSD-2-Clause */
/* The ids that the operating system gives the machine and its boot. */
#ifndef PIDTREED_MACHINEID_H
#define PIDTREED_MACHINEID_H

/* Ours; with it the id can be worked out elsewhere:
   systemd-id128 machine-id --app-specific=MACHINEID_APP */
#define MACHINEID_APP	"7a1de9d25c2f4a3eb0c86f13a94e5d07"

/* 32 hex digits that stand for /etc/machine-id below root, which itself must
   not leave the machine (machine-id(5)); malloc'd; NULL: it has none. */
char *machineid_derived(const char *root);
/* The first 16 hex digits of boot_id; "" if it cannot be read. */
void machineid_boot(const char *root, char out[17]);

#endif
