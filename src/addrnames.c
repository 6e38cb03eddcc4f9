/* SPDX-License-Identifier: BSD-2-Clause */
/* Names for addresses; see addrnames.h. */
#include "addrnames.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "log.h"
#include "prefix.h"
#include "text.h"

#define LOOK_MS		2000
#define TROUBLES	5	/* lines of a file that are named */
#define SHOWN		40	/* bytes of a word that is complained about */

struct file {
	char *path;
	struct stat st;		/* when it was read; 0: it was not there */
};

struct entry {
	struct in6_addr addr;
	uint32_t order;		/* the first of an address holds */
	uint32_t name, len;	/* in text */
};

struct addrnames {
	struct file file[ADDRNAMES_FILES];
	size_t nfiles;
	int64_t next;		/* ms: not before */
	char *text;		/* of all files */
	size_t ntext;
	struct entry *entry;	/* in the order of the addresses */
	size_t n;
	bool full;
};

/* One file while it is read. */
struct reading {
	struct addrnames *a;
	const char *path;
	size_t line, bad;
};

static void
complain(struct reading *r, struct str word, const char *what)
{
	char text[4 * SHOWN + 1];
	struct buf b;

	if (++r->bad > TROUBLES)
		return;
	buf_init(&b, text, sizeof(text));
	text_escape(&b, word.s, word.n < SHOWN ? word.n : SHOWN);
	log_warn("%s:%zu: \"%s%s\" %s", r->path, r->line, buf_cstr(&b),
	    word.n < SHOWN ? "" : "...", what);
}

/* The next word of a line; n == 0: there is none. */
static struct str
next_word(struct str *line)
{
	struct str word;
	size_t n;

	for (n = 0; n < line->n && (line->s[n] == ' ' || line->s[n] == '\t');
	    n++)
		continue;
	word = (struct str){ line->s + n, 0 };
	while (n + word.n < line->n && word.s[word.n] != ' ' &&
	    word.s[word.n] != '\t')
		word.n++;
	line->s += n + word.n;
	line->n -= n + word.n;
	return word;
}

static bool
is_name(struct str s)
{
	size_t step;

	if (s.n > ADDRNAMES_NAME)
		return false;
	for (; s.n > 0; s.s += step, s.n -= step)
		if ((step = text_char(s.s, s.n)) == 0)
			return false;
	return true;
}

/* ADDRESS NAME [ALIAS...]; a zone (fe80::1%eth0) is left out. */
static void
read_line(struct reading *r, struct str line)
{
	struct addrnames *a = r->a;
	struct str addr, name;
	const char *zone;
	struct in6_addr in;

	addr = next_word(&line);
	if (addr.n == 0)
		return;
	zone = memchr(addr.s, '%', addr.n);
	if (text_parse_addr(addr.s, zone != NULL ? (size_t)(zone - addr.s) :
	    addr.n, &in) == -1) {
		complain(r, addr, "is not an address");
		return;
	}
	name = next_word(&line);
	if (name.n == 0)
		complain(r, addr, "has no name behind it");
	else if (!is_name(name))
		complain(r, name, "is not a name of at most 255 bytes");
	else if (a->n == ADDRNAMES_MAX)
		a->full = true;
	else {
		a->entry[a->n] = (struct entry){ in, a->n, name.s - a->text,
		    name.n };
		a->n++;
	}
}

static void
read_text(struct reading *r, const char *text, size_t n)
{
	const char *end = text + n, *next, *hash;
	struct str line;

	for (; text < end; text = next + 1) {
		next = memchr(text, '\n', end - text);
		if (next == NULL)
			next = end;
		line = (struct str){ text, next - text };
		if (line.n > 0 && line.s[line.n - 1] == '\r')
			line.n--;
		if ((hash = memchr(line.s, '#', line.n)) != NULL)
			line.n = hash - line.s;
		r->line++;
		read_line(r, line);
	}
	if (r->bad > TROUBLES)
		log_warn("%s: %zu more lines like these", r->path,
		    r->bad - TROUBLES);
}

/* At most the room that is left and a byte; -1 with errno. */
static ssize_t
read_all(int fd, char *to, size_t room)
{
	size_t n = 0;
	ssize_t got;

	do {
		got = read(fd, to + n, room + 1 - n);
		if (got == -1 && errno != EINTR)
			return -1;
		n += got > 0 ? got : 0;
	} while (got != 0 && n <= room);
	return n;
}

static void
read_file(struct addrnames *a, struct file *f)
{
	struct reading r = { .a = a, .path = f->path };
	const size_t room = ADDRNAMES_BYTES - a->ntext;
	const char *why = NULL;
	ssize_t n = -1;
	int fd;

	if (stat(f->path, &f->st) == -1)
		memset(&f->st, 0, sizeof(f->st));
	fd = open(f->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd == -1 || fstat(fd, &f->st) == -1)
		why = strerror(errno);
	else if (!S_ISREG(f->st.st_mode))
		why = "not a regular file";
	else if ((n = read_all(fd, a->text + a->ntext, room)) == -1)
		why = strerror(errno);
	else if ((size_t)n > room)
		why = "all files together have more than 4 MiB";
	if (why != NULL)
		log_warn("%s: not used for names: %s", f->path, why);
	else {
		read_text(&r, a->text + a->ntext, n);
		a->ntext += n;
	}
	if (fd != -1)
		close(fd);
}

static int
by_address(const void *left, const void *right)
{
	const struct entry *a = left, *b = right;
	int order = memcmp(&a->addr, &b->addr, sizeof(a->addr));

	return order != 0 ? order : a->order < b->order ? -1 :
	    a->order > b->order;
}

/* Memory for all that may come, given back where it did not. */
static void
read_files(struct addrnames *a)
{
	struct entry *entry;
	char *text;

	a->n = a->ntext = 0;
	a->full = false;
	if (a->nfiles == 0)
		return;
	text = realloc(a->text, ADDRNAMES_BYTES + 1);
	if (text != NULL)
		a->text = text;
	entry = reallocarray(a->entry, ADDRNAMES_MAX, sizeof(*entry));
	if (entry != NULL)
		a->entry = entry;
	if (text == NULL || entry == NULL) {
		log_warn("names of addresses: %s", strerror(errno));
		return;
	}
	for (size_t i = 0; i < a->nfiles; i++)
		read_file(a, &a->file[i]);
	if (a->full)
		log_warn("names of addresses: there are more than %d, the "
		    "others are not used", ADDRNAMES_MAX);
	qsort(a->entry, a->n, sizeof(*a->entry), by_address);
	if ((text = realloc(a->text, a->ntext + 1)) != NULL)
		a->text = text;
	if ((entry = reallocarray(a->entry, a->n + 1, sizeof(*entry))) != NULL)
		a->entry = entry;
}

static void
forget(struct addrnames *a)
{
	for (size_t i = 0; i < a->nfiles; i++)
		free(a->file[i].path);
	a->nfiles = 0;
	free(a->text);
	free(a->entry);
	a->text = NULL;
	a->entry = NULL;
}

void
addrnames_set(struct addrnames *a, const struct items *paths)
{
	forget(a);
	for (size_t i = 0; i < paths->n && i < ADDRNAMES_FILES; i++) {
		struct file *f = &a->file[a->nfiles];

		*f = (struct file){ .path = strdup(paths->v[i].text) };
		a->nfiles += f->path != NULL;
	}
	read_files(a);
	a->next = clock_ms() + LOOK_MS;
}

struct addrnames *
addrnames_new(const struct items *paths)
{
	struct addrnames *a = calloc(1, sizeof(*a));

	if (a != NULL)
		addrnames_set(a, paths);
	return a;
}

static bool
same_time(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

static bool
has_changed(const struct file *f)
{
	struct stat st;

	if (stat(f->path, &st) == -1)
		return f->st.st_ino != 0;
	return st.st_ino != f->st.st_ino || st.st_dev != f->st.st_dev ||
	    st.st_size != f->st.st_size || st.st_mode != f->st.st_mode ||
	    !same_time(&st.st_mtim, &f->st.st_mtim) ||
	    !same_time(&st.st_ctim, &f->st.st_ctim);
}

void
addrnames_tick(struct addrnames *a)
{
	bool changed = false;

	if (a->nfiles == 0 || clock_ms() < a->next)
		return;
	a->next = clock_ms() + LOOK_MS;
	for (size_t i = 0; i < a->nfiles; i++)
		changed |= has_changed(&a->file[i]);
	if (changed)
		read_files(a);
}

static struct str
find(const struct addrnames *a, const struct in6_addr *addr)
{
	size_t low = 0, high = a->n, mid;

	/* The first that is not less. */
	while (low < high) {
		mid = low + (high - low) / 2;
		if (memcmp(&a->entry[mid].addr, addr, sizeof(*addr)) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	if (low == a->n || memcmp(&a->entry[low].addr, addr, sizeof(*addr)))
		return (struct str){ NULL, 0 };
	return (struct str){ a->text + a->entry[low].name, a->entry[low].len };
}

/* An address of NAT64 has the name of the IPv4 address inside unless it has
   one of its own. */
static struct str
name_of(const struct addrnames *a, const struct in6_addr *addr)
{
	struct str name = find(a, addr);
	struct in6_addr judged;

	if (name.s != NULL)
		return name;
	judged = prefix_judged(addr);
	return find(a, &judged);
}

void
addrnames_stamp(const struct addrnames *a, struct message *m)
{
	if (a->n == 0 || m->family == 0)
		return;
	m->shost = name_of(a, &m->src);
	if (m->dhost.s != NULL)
		return;
	m->dhost = name_of(a, &m->dst);
	if (m->dhost.s != NULL)
		m->dhostsource = (struct str){ "hosts", 5 };
}

void
addrnames_free(struct addrnames *a)
{
	if (a == NULL)
		return;
	forget(a);
	free(a);
}
