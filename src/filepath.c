/* SPDX-License-Identifier: BSD-2-Clause */
/* Paths that the kernel walked; see filepath.h. */
#include "filepath.h"

#include <stdio.h>
#include <string.h>

#include "buf.h"

struct str
filepath_walked(char *mem, size_t size, const char *p, size_t off, bool cut)
{
	struct buf b;

	buf_init(&b, mem, size);
	if (cut)
		buf_adds(&b, "...");
	if (off < EXE_LEN)
		buf_add(&b, p + off, EXE_LEN - off);
	else if (!cut)
		buf_addc(&b, '/');
	return (struct str){ b.p, b.len };
}

bool
filepath_ends(struct str path, struct str end)
{
	return path.n >= end.n &&
	    memcmp(path.s + path.n - end.n, end.s, end.n) == 0;
}

struct str
filepath_below(struct str path, struct str root)
{
	if (root.n == 0 || path.n <= root.n || path.s[root.n] != '/' ||
	    memcmp(path.s, root.s, root.n) != 0)
		return (struct str){ NULL, 0 };
	return (struct str){ path.s + root.n, path.n - root.n };
}

/* proc(5), mountinfo: blanks, \ and newlines are octal. */
static void
plain(char *s)
{
	unsigned c;
	char *to = s;

	for (; *s != '\0'; s++)
		if (*s == '\\' && sscanf(s + 1, "%3o", &c) == 1) {
			*to++ = c;
			s += 3;
		} else
			*to++ = *s;
	*to = '\0';
}

/* ID parent major:minor root mountpoint ...; of several at one place the last
   lies on top. */
void
filepath_host_root(const char *mountinfo, struct filepath_host *h)
{
	FILE *f = fopen(mountinfo, "re");
	char line[8192], root[4096], where[4];

	h->root[0] = '\0';
	while (f != NULL && fgets(line, sizeof(line), f) != NULL) {
		if (sscanf(line, "%*d %*d %*s %4095s %3s", root, where) != 2 ||
		    strcmp(where, "/") != 0)
			continue;
		plain(root);
		snprintf(h->root, sizeof(h->root), "%s",
		    strcmp(root, "/") != 0 && strlen(root) < sizeof(h->root) ?
		    root : "");
	}
	if (f != NULL)
		fclose(f);
}

struct str
filepath_on_host(struct str inside, const struct filepath_host *h)
{
	struct str s = filepath_below(inside,
	    (struct str){ h->root, strlen(h->root) });

	return s.s != NULL ? s : inside;
}
