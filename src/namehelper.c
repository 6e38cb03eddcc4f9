/* SPDX-License-Identifier: BSD-2-Clause */
/* The process that asks NSS for names; see namehelper.h. */
#include "config.h"

#include "namehelper.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define ENTRY_MAX	(1 << 20)	/* bytes of an entry; a group's has all
					   its members */

static void
answer(const struct name_request *q, enum name_status status,
    const char *name)
{
	struct name_answer a = {
		.id = q->id, .status = status
	};

	if (name != NULL)
		strncpy(a.name, name, sizeof(a.name) - 1);
	helper_answer(&a, sizeof(a));
}

/* getpwuid_r(3): these mean that there is no such entry, as 0 does. */
static bool
means_none(int error)
{
	return error == 0 || error == ENOENT || error == ESRCH ||
	    error == EBADF || error == EPERM;
}

/* 0 or an error, as getpwuid_r(3) has it; *name is NULL where there is none. */
static int
find(const struct name_request *q, char *mem, size_t size, const char **name)
{
	struct passwd pw, *user = NULL;
	struct group gr, *group = NULL;
	int error;

	if (q->of == NAME_OF_GROUP) {
		error = getgrgid_r(q->number, &gr, mem, size, &group);
		*name = group != NULL ? group->gr_name : NULL;
	} else {
		error = getpwuid_r(q->number, &pw, mem, size, &user);
		*name = user != NULL ? user->pw_name : NULL;
	}
	return error;
}

static void
look_up(const void *arg, const void *request)
{
	const struct name_request *q = request;
	const char *name = NULL;
	size_t size = 1024;
	char *mem = NULL, *more;
	int error;

	(void)arg;
	do {
		size *= 4;
		more = realloc(mem, size);
		if (more == NULL)
			break;
		mem = more;
		error = find(q, mem, size, &name);
	} while (error == ERANGE && size < ENTRY_MAX);
	if (more == NULL)
		answer(q, NAME_FAILED, NULL);
	else if (name == NULL)
		answer(q, means_none(error) ? NAME_NONE : NAME_FAILED, NULL);
	else if (*name == '\0' || strlen(name) >= NAMEHELPER_NAME)
		answer(q, NAME_NONE, NULL);
	else
		answer(q, NAME_FOUND, name);
	free(mem);
}

static void
failed(const void *request)
{
	answer(request, NAME_FAILED, NULL);
}

pid_t
namehelper_start(const char *user, int *fd)
{
	static const struct helper names = {
		.name = "pidtreed-names", .size = sizeof(struct name_request),
		.capability = -1, .work = look_up, .failed = failed
	};

	return helper_start(&names, user, fd);
}
