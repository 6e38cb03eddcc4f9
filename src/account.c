/* SPDX-License-Identifier: BSD-2-Clause */
/* System accounts without NSS; see account.h. */
#include "account.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>

int
account_user(const char *name, uid_t *uid, gid_t *gid)
{
	FILE *f = fopen("/etc/passwd", "re");
	struct passwd *pw;

	if (f == NULL)
		return -1;
	while ((pw = fgetpwent(f)) != NULL && strcmp(pw->pw_name, name) != 0)
		;
	if (pw != NULL) {
		*uid = pw->pw_uid;
		*gid = pw->pw_gid;
	}
	fclose(f);
	errno = ENOENT;
	return pw != NULL ? 0 : -1;
}

int
account_group(const char *name, gid_t *gid)
{
	FILE *f = fopen("/etc/group", "re");
	struct group *gr;

	if (f == NULL)
		return -1;
	while ((gr = fgetgrent(f)) != NULL && strcmp(gr->gr_name, name) != 0)
		;
	if (gr != NULL)
		*gid = gr->gr_gid;
	fclose(f);
	errno = ENOENT;
	return gr != NULL ? 0 : -1;
}
