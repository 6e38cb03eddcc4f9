/* SPDX-License-Identifier: BSD-2-Clause */
/* The process that reads what the container runtimes keep on disk; boxes.c
   talks to it. */
#ifndef PIDTREED_BOXHELPER_H
#define PIDTREED_BOXHELPER_H

#include <stdint.h>

#include "container.h"
#include "helper.h"

#define BOX_RUNTIME	16	/* bytes with the NUL, as all of these */
#define BOX_NAME	256
#define BOX_IMAGE	512
#define BOX_SPACE	64	/* Kubernetes: an RFC 1123 label */

/* What is known of a container; "": that is not. */
struct box {
	char runtime[BOX_RUNTIME];
	char name[BOX_NAME];
	char image[BOX_IMAGE];
	char pod[BOX_NAME];
	char space[BOX_SPACE];	/* the pod's namespace */
};

/* id is the asker's; the rest is of struct container. */
struct box_request {
	uint32_t id;
	char runtime[BOX_RUNTIME];
	char container[CONTAINER_ID];
	char pod[CONTAINER_UID];
};

struct box_answer {
	uint32_t id;
	uint32_t found;		/* 0: no file of this container, or unusable */
	struct box box;
};

/*
 * As helper_start.  It keeps CAP_DAC_READ_SEARCH, to open the files; a worker
 * has left it when it looks at what is in them.  All paths are below root,
 * which is kept.
 */
pid_t boxhelper_start(const char *root, const char *user, int *fd);

#endif
