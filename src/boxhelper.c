/* SPDX-License-Identifier: BSD-2-Clause */
/* The process that reads what the runtimes keep on disk; see boxhelper.h. */
#include "config.h"

#include "boxhelper.h"

#include <linux/capability.h>
#include <string.h>

#include "boxread.h"

static void
failed(const void *request)
{
	const struct box_request *q = request;
	struct box_answer a = { .id = q->id };

	helper_answer(&a, sizeof(a));
}

static void
work(const void *root, const void *request)
{
	const struct box_request *q = request;
	struct box_answer a = { .id = q->id };
	struct boxread r;

	boxread(root, q, &r);
	helper_drop();		/* what comes now was written by others */
	a.found = boxparse(&r, q, &a.box);
	boxread_free(&r);
	helper_answer(&a, sizeof(a));
}

pid_t
boxhelper_start(const char *root, const char *user, int *fd)
{
	const struct helper boxes = {
		.name = "pidtreed-boxes", .size = sizeof(struct box_request),
		.capability = CAP_DAC_READ_SEARCH, .work = work,
		.failed = failed, .arg = root
	};

	return helper_start(&boxes, user, fd);
}
