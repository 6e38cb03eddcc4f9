/* SPDX-License-Identifier: BSD-2-Clause */
/* Runs a fuzz target over its seeds, without libFuzzer: the main of
   tests/fuzz/NAME in `make check`. */
#define _GNU_SOURCE	/* program_invocation_short_name */
#include <sys/types.h>

#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
run_file(const char *path)
{
	static uint8_t data[1 << 20];
	FILE *f;
	size_t n;

	if ((f = fopen(path, "rb")) == NULL)
		err(1, "%s", path);
	n = fread(data, 1, sizeof(data), f);
	if (ferror(f) || !feof(f))
		errx(1, "%s: cannot be read whole", path);
	fclose(f);
	LLVMFuzzerTestOneInput(data, n);
}

/* $srcdir/tests/fuzz/NAME.seeds, where NAME is this program's. */
int
main(void)
{
	const char *srcdir = getenv("srcdir");
	char dir[4096], path[8192];
	struct dirent *e;
	DIR *d;
	unsigned n = 0;

	snprintf(dir, sizeof(dir), "%s/tests/fuzz/%s.seeds",
	    srcdir == NULL ? "." : srcdir, program_invocation_short_name);
	if ((d = opendir(dir)) == NULL)
		err(1, "%s", dir);
	while ((e = readdir(d)) != NULL) {
		if (e->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		run_file(path);
		n++;
	}
	closedir(d);
	if (n == 0)
		errx(1, "%s: no seeds", dir);
	printf("%u seeds\n", n);
	return 0;
}
