/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fills in pidtreed.log.5.in: a line @FIELDS element@, @OWN@, @PROCESS@,
 * @MSGIDS@ or @COUNTERS@ is replaced by what the field table says, in mdoc.
 */
#include <stdio.h>
#include <string.h>

#include "fields.h"

#define WIDTH	76
#define CONNECTIONS	(1u << MSG_CONNECT | 1u << MSG_OUTCOME)

/* A backslash is no escape of roff's.  Returns how many were written. */
static size_t
put_word(const char *s, size_t n)
{
	size_t written = 0;

	for (; n > 0; n--, s++)
		written += *s == '\\' ? printf("\\e") : printf("%c", *s);
	return written;
}

/* No line is too long, and none begins with a dot. */
static void
put_text(const char *s)
{
	size_t column = 0, n;

	for (; *s != '\0'; s += n, s += strspn(s, " ")) {
		n = strcspn(s, " ");
		if (column > 0 && column + 1 + n > WIDTH && *s != '.') {
			putchar('\n');
			column = 0;
		}
		if (column > 0)
			column += printf(" ");
		column += put_word(s, n);
	}
	puts(".");
}

static const char *
type_name(const struct field *f)
{
	switch ((enum field_type)f->type) {
	case FIELD_STR:
		return "string";
	case FIELD_TEXT:
		return "text";
	case FIELD_UINT:
		return "number";
	case FIELD_TIME:
	case FIELD_TIME_MS:
		return "time";
	case FIELD_ADDR:
		return "address";
	}
	return "";
}

/* "(START, STATS)", unless all messages of the kind have it. */
static void
put_msgids(unsigned msgids, unsigned all)
{
	const char *before = "In ";
	int id;

	if (msgids == all)
		return;
	for (id = 0; id < NMSGIDS; id++)
		if (msgids >> id & 1) {
			printf("%s%s", before, msgid_names[id].name);
			before = ", ";
		}
	puts(".");
}

static void
put_field(const struct field *f, unsigned all)
{
	printf(".It Va %s Pq %s\n", f->name, type_name(f));
	put_text(f->doc);
	put_msgids(f->msgids, all);
}

static bool
is_counter(const struct field *f)
{
	return f->offset >= offsetof(struct message, counter) &&
	    f->offset < offsetof(struct message, ucounter) +
	    sizeof(((struct message *)NULL)->ucounter);
}

/* Of messages in `in`; if a field is in all of them they are not named. */
static void
put_fields(int sd, bool generation, unsigned in)
{
	unsigned all = in & ((1u << NMSGIDS) - 1);
	const struct field *f;

	puts(".Bl -tag -width Ds");
	for (f = fields; f < fields + nfields; f++)
		if (f->sd == sd && f->generation == generation &&
		    (f->msgids & in) != 0 && !is_counter(f))
			put_field(f, all);
	puts(".El");
}

static void
put_elements(const char *name)
{
	int sd;

	for (sd = 0; sd < NSDS; sd++)
		if (strcmp(sd_names[sd].name, name) == 0)
			put_fields(sd, false, sd < SD_EVENT ? ~0u :
			    CONNECTIONS);
}

static void
put_names(void)
{
	int id;

	puts(".Bl -tag -width OUTCOME");
	for (id = 0; id < NMSGIDS; id++) {
		printf(".It Sy %s\n", msgid_names[id].name);
		put_text(msgid_names[id].doc);
	}
	puts(".El");
}

static void
put_counter(const char *name, enum counter_class class, const char *doc)
{
	static const char *const classes[] = {
		[COUNTER_I] = "information",
		[COUNTER_S] = "skipped on purpose",
		[COUNTER_L] = "loss",
	};

	printf(".It Va %s Pq %s\n", name, classes[class]);
	put_text(doc);
}

static void
put_counters(void)
{
	puts(".Bl -tag -width Ds");
#define X(name, class, doc) put_counter(#name, COUNTER_##class, doc);
	COUNTERS(X)
	UCOUNTERS(X)
#undef X
	puts(".El");
}

/* A template that names what is not there is a mistake. */
static int
put_line(const char *line)
{
	char name[64];

	if (sscanf(line, "@FIELDS %63[a-zA-Z]@", name) == 1)
		put_elements(name);
	else if (strcmp(line, "@PROCESS@\n") == 0)
		put_fields(SD_EVENT, true, CONNECTIONS);
	else if (strcmp(line, "@OWN@\n") == 0)
		put_fields(SD_EVENT, false, ~CONNECTIONS);
	else if (strcmp(line, "@MSGIDS@\n") == 0)
		put_names();
	else if (strcmp(line, "@COUNTERS@\n") == 0)
		put_counters();
	else if (line[0] == '@')
		return -1;
	else
		fputs(line, stdout);
	return 0;
}

int
main(void)
{
	char line[512];

	while (fgets(line, sizeof(line), stdin) != NULL)
		if (put_line(line) < 0) {
			fprintf(stderr, "log-fields: unknown: %s", line);
			return 1;
		}
	return ferror(stdin) || fflush(stdout) == EOF;
}
