/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any bytes as what omprog hands to `pidtree act`: each line is answered once,
 * and what a command would get is clean: JSON that reads back, variables of
 * our own names without a control character.  Nothing is run.
 */
#define _GNU_SOURCE	/* memfd_create */
#include <sys/mman.h>

#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <libfastjson/json.h>

#include "act_impl.h"
#include "text.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

extern char **environ;

static void
check(int ok)
{
	if (!ok)
		abort();
}

static void
check_text(const char *s, size_t n)
{
	size_t i, len;

	for (i = 0; i < n; i += len)
		check((len = text_char(s + i, n - i)) != 0);
}

static void
check_variable(const char *v)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
	size_t n = strspn(v, letters);

	check(strncmp(v, "PIDTREE_", 8) == 0 && n > 8 && v[n] == '=');
	check_text(v, strlen(v));
}

static void
check_gift(const struct act_gift *g)
{
	struct fjson_object *o;
	char **v;

	check(g->input_len > 2 && g->input[g->input_len - 1] == '\n');
	check_text(g->input, g->input_len - 1);
	check((o = fjson_tokener_parse(g->input)) != NULL);
	fjson_object_put(o);
	for (v = g->env; *v != NULL; v++)
		check_variable(*v);
}

static void
take(struct act *a, const char *line, size_t n)
{
	const struct message *m = act_event(a, line, n);
	struct act_gift g;
	char done[128];

	if (m == NULL)
		return;
	act_process(a, m, done, sizeof(done));
	check(strlen(done) > 0);
	for (a->options.form = ACT_JSON; a->options.form <= ACT_CHAT;
	    a->options.form++)
		if (act_give(&a->options, m, done, &g) == 0) {
			check_gift(&g);
			act_gift_free(&g);
		}
}

static uint64_t
count(const uint8_t *s, size_t n)
{
	uint64_t lines = 0;

	while (n-- > 0)
		lines += *s++ == '\n';
	return lines;
}

/* The first byte says in how large pieces it comes. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct act *a = calloc(1, sizeof(*a));
	int out = memfd_create("out", MFD_CLOEXEC);
	const size_t piece = size > 0 ? 1 + data[0] * 16 : 1;
	uint64_t lines, all = 0;
	size_t i, n;

	environ = NULL;
	check(a != NULL && out >= 0 && (a->reader = reader_new()) != NULL);
	a->say = (struct act_say){ .since = act_now_ms(), .lines = UINT_MAX };
	memcpy(a->boot, "0123456789abcdef", 17);
	for (i = 1; i < size; i += n) {
		n = size - i < piece ? size - i : piece;
		check(act_input(a, (const char *)data + i, n, out, take) == 0);
	}
	lines = size > 1 ? count(data + 1, size - 1) : 0;
	check(a->count[ACT_lines] == lines);
	check(lseek(out, 0, SEEK_END) == (off_t)(3 * lines));
	for (i = ACT_foreign; i <= ACT_acted; i++)
		all += a->count[i];
	check(all == lines);
	close(out);
	reader_free(a->reader);
	free(a);
	return 0;
}
