/* SPDX-License-Identifier: BSD-2-Clause */
/* What a program's diagnostics say, as a string. */
#ifndef TESTS_UNIT_CAPTURE_H
#define TESTS_UNIT_CAPTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "log.h"

struct capture {
	FILE *file;
	int err;		/* the real standard error */
	char text[65536];
};

static inline struct capture
capture_begin(void)
{
	struct capture c = { .file = tmpfile(), .err = dup(2) };

	assert_non_null(c.file);
	fflush(stderr);
	dup2(fileno(c.file), 2);
	return c;
}

/* What was said since, without the program's name. */
static inline const char *
capture_end(struct capture *c)
{
	static const char name[] = "pidtreed: ";
	char line[4096];
	size_t n = 0;

	fflush(stderr);
	dup2(c->err, 2);
	close(c->err);
	rewind(c->file);
	c->text[0] = '\0';
	while (fgets(line, sizeof(line), c->file) != NULL) {
		assert_memory_equal(line, name, strlen(name));
		assert_true(n + strlen(line) < sizeof(c->text));
		strcpy(c->text + n, line + strlen(name));
		n += strlen(line) - strlen(name);
	}
	fclose(c->file);
	return c->text;
}

#endif
