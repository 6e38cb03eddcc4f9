/* SPDX-License-Identifier: BSD-2-Clause */
/* A name service (nss(5)) with the troubles of a real one: each uid has its
   own.  tests/unit/names.c loads it as libnss_slow.so.2. */
#include <errno.h>
#include <grp.h>
#include <nss.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum nss_status _nss_slow_getpwuid_r(uid_t, struct passwd *, char *, size_t,
    int *);
enum nss_status _nss_slow_getgrgid_r(gid_t, struct group *, char *, size_t,
    int *);

static enum nss_status
answer(struct passwd *pw, uid_t uid, const char *name, size_t gecos,
    char *mem, size_t size, int *error)
{
	const size_t n = strlen(name);

	if (n + gecos + 2 > size) {
		*error = ERANGE;
		return NSS_STATUS_TRYAGAIN;
	}
	memset(pw, 0, sizeof(*pw));
	strcpy(mem, name);
	memset(mem + n + 1, 'x', gecos);
	mem[n + 1 + gecos] = '\0';
	pw->pw_name = mem;
	pw->pw_gecos = mem + n + 1;
	pw->pw_passwd = pw->pw_dir = pw->pw_shell = mem + n;
	pw->pw_uid = uid;
	return NSS_STATUS_SUCCESS;
}

enum nss_status
_nss_slow_getpwuid_r(uid_t uid, struct passwd *pw, char *mem, size_t size,
    int *error)
{
	char longest[300];

	*error = ENOENT;
	switch (uid) {
	case 70010:
		usleep(900 * 1000);
		return answer(pw, uid, "late", 0, mem, size, error);
	case 70020:
		return answer(pw, uid, "DOMAIN\\Some One", 0, mem, size,
		    error);
	case 70021:
		return answer(pw, uid, "much", 20000, mem, size, error);
	case 70022:
		memset(longest, 'x', sizeof(longest));
		longest[sizeof(longest) - 1] = '\0';
		return answer(pw, uid, longest, 0, mem, size, error);
	case 70030:
		abort();
	case 70031:
		*error = ECONNREFUSED;
		return NSS_STATUS_UNAVAIL;
	case 70040:	/* there at first, then the service hangs */
		if (access("/etc/nss-slow-down", F_OK) == -1)
			return answer(pw, uid, "known", 0, mem, size, error);
		break;
	}
	if (uid < 70000 || uid > 79999)
		return NSS_STATUS_NOTFOUND;
	for (;;)
		pause();
}

#define MEMBERS		20000

/* As many members as a domain's group has. */
enum nss_status
_nss_slow_getgrgid_r(gid_t gid, struct group *gr, char *mem, size_t size,
    int *error)
{
	static const char name[] = "many";
	char **member = (char **)mem;
	char *at = mem + (MEMBERS + 1) * sizeof(*member);

	*error = ENOENT;
	if (gid != 70021)
		return NSS_STATUS_NOTFOUND;
	if (size < (MEMBERS + 1) * sizeof(*member) + sizeof(name)) {
		*error = ERANGE;
		return NSS_STATUS_TRYAGAIN;
	}
	strcpy(at, name);
	for (int i = 0; i < MEMBERS; i++)
		member[i] = at;
	member[MEMBERS] = NULL;
	gr->gr_name = gr->gr_passwd = at;
	gr->gr_mem = member;
	gr->gr_gid = gid;
	return NSS_STATUS_SUCCESS;
}
