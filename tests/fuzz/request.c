/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes as a line of the control protocol: a request within its bounds,
   which holds for one message or not, or refused with a clean text. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "expr.h"
#include "message.h"
#include "request.h"
#include "text.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
check_why(struct buf *why)
{
	const char *s = buf_cstr(why);
	size_t len;

	if (s == NULL || *s == '\0')
		abort();
	for (; *s != '\0'; s += len)
		if ((len = text_char(s, strlen(s))) == 0)
			abort();
}

static void
check(const struct request *r)
{
	struct message m;

	message_init(&m, MSG_CONNECT);
	m.dpt = 443;
	if (r->where != NULL) {
		if (r->todo != DO_TRACE || expr_patterns(r->where) != 0)
			abort();
		expr_match(r->where, &m);
	}
	if (request_changes(r) != (r->rule != NULL) ||
	    (r->rule != NULL && strlen(r->rule) != r->rule_len) ||
	    (r->todo == DO_REMOVE && r->rule_len > REQUEST_NAME))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct request r;
	char mem[1024];
	struct buf why;
	char *line;

	if (n > REQUEST_LINE)
		return 0;
	line = malloc(n == 0 ? 1 : n);	/* ends where it ends */
	if (line == NULL)
		abort();
	memcpy(line, data, n);
	buf_init(&why, mem, sizeof(mem));
	if (request_read(&r, line, n, &why) == 0) {
		check(&r);
		request_free(&r);
	} else
		check_why(&why);
	free(line);
	return 0;
}
