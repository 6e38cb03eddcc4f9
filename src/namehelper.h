/* SPDX-License-Identifier: BSD-2-Clause */
/* The process that asks NSS for names; names.c talks to it. */
#ifndef PIDTREED_NAMEHELPER_H
#define PIDTREED_NAMEHELPER_H

#include <stdint.h>
#include <sys/types.h>

#include "helper.h"
#include "names.h"

#define NAMEHELPER_NAME		256	/* bytes with the NUL */

/* id is the asker's. */
struct name_request {
	uint32_t id;
	uint32_t of;		/* enum name_of */
	uint32_t number;	/* of the user, of the group */
};

enum name_status { NAME_FOUND, NAME_NONE, NAME_FAILED };

struct name_answer {
	uint32_t id;
	uint32_t status;	/* enum name_status */
	char name[NAMEHELPER_NAME];
};

/* As helper_start; it has no capabilities. */
pid_t namehelper_start(const char *user, int *fd);

#endif
