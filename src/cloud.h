/* SPDX-License-Identifier: BSD-2-Clause */
/* Which machine of which cloud this is, from what cloud-init and the firmware
   left on the machine; no metadata service is asked. */
#ifndef PIDTREED_CLOUD_H
#define PIDTREED_CLOUD_H

/* NULL: not known.  malloc'd. */
struct cloud {
	char *name;		/* "aws", "gce", "azure": cloud-init's names */
	char *instance;
	char *account;		/* AWS account, Azure subscription */
	char *region;
	char *machine;		/* type, "t3.micro"; or the DMI's product */
};

/* Looks, again if c is from an earlier call: what was known and is not found
   any more (only root can read some of it) stays.  Paths are taken below root
   ("" on a running system). */
void cloud_read(struct cloud *, const char *root);
void cloud_clear(struct cloud *);

/* The first line of a small file below root without trailing blanks;
   malloc'd; NULL: missing or empty. */
char *cloud_line(const char *root, const char *path);

#endif
