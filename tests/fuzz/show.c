/* SPDX-License-Identifier: BSD-2-Clause */
/* A log of any bytes through all of `pidtree show`: nothing that drives a
   terminal comes out. */
#define _GNU_SOURCE	/* memfd_create */
#include <sys/mman.h>

#include <locale.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "glyph.h"
#include "jsonprint.h"
#include "lineprint.h"
#include "logfile.h"
#include "reader.h"
#include "treeprint.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
check(const char *s, size_t n)
{
	size_t i, len;
	uint32_t c;

	for (i = 0; i < n; i += len) {
		len = glyph_decode(s + i, n - i, &c);
		if (len == 0 || (c != '\n' && glyph_hostile(c)))
			abort();
	}
}

static void
print(const struct message *m, int width, void (*form)(struct term *,
    const struct message *))
{
	struct term t;
	char *text;
	size_t n;

	term_init(&t, open_memstream(&text, &n), COLOUR_NEVER, width);
	form(&t, m);
	if (term_flush(&t) != 0 || fclose(t.out) != 0)
		abort();
	check(text, n);
	free(text);
}

static void
read_all(struct logfile *lf, struct reader *r)
{
	const struct message *m;
	const char *p;
	size_t n;

	while (logfile_line(lf, &p, &n) == 1) {
		if (reader_line(r, p, n, &m) != 1)
			continue;
		print(m, 20, treeprint_has(m) ? treeprint : lineprint);
		print(m, 80, treeprint);
		print(m, 0, jsonprint);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reader *r = reader_new();
	struct logfile *lf;
	char path[64];
	int fd;

	setlocale(LC_CTYPE, "C.UTF-8");
	fd = memfd_create("log", MFD_CLOEXEC);
	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (r == NULL || (lf = logfile_open(path)) == NULL)
		abort();
	read_all(lf, r);
	logfile_close(lf);
	close(fd);
	reader_free(r);
	return 0;
}
