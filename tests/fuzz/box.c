/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes as a file of a container runtime: what is taken from them is
   bounded text. */
#include <stdlib.h>
#include <string.h>

#include "boxread.h"

#define HEX	"0123456789abcdef0123456789abcdef"	\
		"0123456789abcdef0123456789abcdef"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
check(const char *s, size_t size)
{
	if (strnlen(s, size) == size)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct box_request q = { .container = HEX, .pod = "pod" };
	struct boxread r = { .n = 1 };
	struct box box;

	for (int kind = BOX_DOCKER; kind <= BOX_STORAGE; kind++) {
		/* Memory of just that size: a byte beyond it is found. */
		r.file[0] = (struct box_text){ .kind = kind, .runtime =
		    "docker", .text = malloc(n + (n == 0)), .n = n };
		if (r.file[0].text == NULL)
			abort();
		memcpy(r.file[0].text, data, n);
		r.n = 1;
		boxparse(&r, &q, &box);
		check(box.runtime, sizeof(box.runtime));
		check(box.name, sizeof(box.name));
		check(box.image, sizeof(box.image));
		check(box.pod, sizeof(box.pod));
		check(box.space, sizeof(box.space));
		boxread_free(&r);
	}
	return 0;
}
