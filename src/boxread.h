/* SPDX-License-Identifier: BSD-2-Clause */
/* The files in which runtimes and the kubelet say what a container is. */
#ifndef PIDTREED_BOXREAD_H
#define PIDTREED_BOXREAD_H

#include <stddef.h>

#include "boxhelper.h"

#define BOXREAD_FILES	3

enum box_file {
	BOX_DOCKER,		/* config.v2.json */
	BOX_OCI,		/* config.json of the OCI runtime, annotated */
	BOX_STORAGE,		/* containers.json, a list */
};

struct box_text {
	enum box_file kind;
	const char *runtime;	/* constant: whose file it is */
	char *text;
	size_t n;
};

struct boxread {
	struct box_text file[BOXREAD_FILES];
	size_t n;
	/* From names of files below /var/log: "" not there. */
	char name[BOX_NAME], pod[BOX_NAME], space[BOX_SPACE];
};

/*
 * Reads what there is of this container, below root.  Regular files alone, of
 * bounded size; no symbolic link in what is the container's own.
 */
void boxread(const char *root, const struct box_request *, struct boxread *);
void boxread_free(struct boxread *);
/* What it says.  False: nothing. */
bool boxparse(const struct boxread *, const struct box_request *,
    struct box *);

#endif
