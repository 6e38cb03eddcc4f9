/* SPDX-License-Identifier: BSD-2-Clause */
/* A name service that does not answer: every look-up of a number takes 30 s. */
#include <errno.h>
#include <nss.h>
#include <pwd.h>
#include <unistd.h>

enum nss_status _nss_slow_getpwuid_r(uid_t, struct passwd *, char *, size_t,
    int *);

enum nss_status
_nss_slow_getpwuid_r(uid_t uid, struct passwd *pw, char *mem, size_t size,
    int *error)
{
	(void)uid, (void)pw, (void)mem, (void)size;
	sleep(30);
	*error = ENOENT;
	return NSS_STATUS_NOTFOUND;
}
