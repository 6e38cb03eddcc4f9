/* SPDX-License-Identifier: BSD-2-Clause */
/* Leaving root behind; see drop.h. */
#include "drop.h"

#include <cap-ng.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "account.h"
#include "log.h"

#define FALLBACK	"nobody"

int
drop_user(char **user, uid_t *uid, gid_t *gid)
{
	char *other;

	if (account_user(*user, uid, gid) == 0)
		return 0;
	if (errno != ENOENT || (other = strdup(FALLBACK)) == NULL ||
	    account_user(other, uid, gid) == -1) {
		log_error("user %s: %s", *user, strerror(errno));
		return -1;
	}
	log_warn("user %s: not in /etc/passwd, going on as " FALLBACK, *user);
	free(*user);
	*user = other;
	return 0;
}

void
drop_nice(unsigned boost)
{
	if (boost != 0 && setpriority(PRIO_PROCESS, 0, -(int)boost) == -1)
		log_warn("priority-boost %u: %s", boost, strerror(errno));
}

int
drop_root(uid_t uid, gid_t gid)
{
	int err;

	capng_clear(CAPNG_SELECT_BOTH);
	capng_updatev(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, CAP_BPF,
	    CAP_PERFMON, -1);
	if (geteuid() != 0)
		err = capng_apply(CAPNG_SELECT_CAPS);
	else if (uid == 0)
		err = capng_apply(CAPNG_SELECT_BOTH);
	else
		err = capng_change_id(uid, gid, CAPNG_DROP_SUPP_GRP |
		    CAPNG_CLEAR_BOUNDING);
	if (err != 0) {
		log_error("leaving root: libcap-ng says %d: %s", err,
		    strerror(errno));
		return -1;
	}
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1) {
		log_error("no_new_privs: %s", strerror(errno));
		return -1;
	}
	return 0;
}
