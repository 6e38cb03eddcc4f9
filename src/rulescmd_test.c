/* SPDX-License-Identifier: BSD-2-Clause */
/* pidtree rules test: what rules would have made of a log.  It is decided as
   the collector decides, in the time of the messages. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "digests.h"
#include "fields.h"
#include "log.h"
#include "logfile.h"
#include "lookup_once.h"
#include "option.h"
#include "reader.h"
#include "rulescmd.h"
#include "skipped.h"

enum { OPT_LINES = OPTION_OWN };

struct trial {
	struct option_common common;
	bool lines;
	struct rules *rules;
	struct digests *digests;
	struct once gone;		/* externalIds of what is left out */
	struct reader *reader;
	uint64_t *bytes;		/* by rule: of what it is true of */
	uint64_t messages, all;		/* of the log; bytes */
	uint64_t hidden, saved;		/* left out; bytes */
	uint64_t told;			/* DIGESTs instead */
	bool trouble;
};

static uint64_t
hash(struct str s)
{
	return once_hash(0, s.s, s.n);
}

/* A digests_fn. */
static void
count_digest(void *arg, struct message *m)
{
	struct trial *t = arg;

	(void)m;
	t->told++;
}

/* Is it left out, or does it belong to what was? */
static bool
left_out(struct trial *t, struct message *m, const struct rules_verdict *v)
{
	if (m->cid.s != NULL && once_has(&t->gone, hash(m->cid)))
		return true;
	if (v == NULL || (v->action != RULE_DIGEST && v->action != RULE_DROP))
		return false;
	m->rule = (struct str){ v->rule->name, strlen(v->rule->name) };
	if (v->action == RULE_DIGEST &&
	    !digests_take(t->digests, m, m->time / 1000))
		return false;
	if (m->externalid.s != NULL)
		once_add(&t->gone, hash(m->externalid));
	return true;
}

static void
list(const struct trial *t, const struct message *m, const char *log,
    uint64_t line)
{
	const char *before = "";

	printf("%s:%" PRIu64 ": ", log, line);
	for (size_t i = 0; i < rules_count(t->rules); i++)
		if (rule_matches(rules_at(t->rules, i), m)) {
			printf("%s%s", before, rules_at(t->rules, i)->name);
			before = ", ";
		}
	putchar('\n');
}

static void
try(struct trial *t, struct message *m, const char *log, uint64_t line,
    size_t n)
{
	struct rules_verdict v;
	bool decided = rules_decide(t->rules, m, &v);

	t->messages++;
	t->all += n + 1;
	digests_tell(t->digests, m->time / 1000, false, count_digest, t);
	for (size_t i = 0; decided && i < rules_count(t->rules); i++)
		if (rule_matches(rules_at(t->rules, i), m))
			t->bytes[i] += n + 1;
	if (decided && t->lines)
		list(t, m, log, line);
	if (left_out(t, m, decided ? &v : NULL)) {
		t->hidden++;
		t->saved += n + 1;
	}
}

static void
read_log(struct trial *t, const char *path)
{
	struct logfile *lf = logfile_open(path);
	const struct message *m;
	struct message copy;
	const char *p;
	size_t n;
	int rc, got;

	if (lf == NULL) {
		log_error("%s: %s", path, strerror(errno));
		t->trouble = true;
		return;
	}
	reader_reset(t->reader);
	while ((rc = logfile_line(lf, &p, &n)) > 0) {
		got = reader_line(t->reader, p, n, &m);
		if (got == -1)
			break;
		if (got == 0 || (FIELD_EVENTS >> m->id & 1) == 0)
			continue;
		copy = *m;
		try(t, &copy, logfile_name(lf),
		    reader_stats(t->reader)->lines, n);
	}
	if (rc != 0) {
		log_error("%s: %s", path, strerror(errno));
		t->trouble = true;
	}
	skipped(lf, reader_stats(t->reader));
	logfile_close(lf);
}

static double
percent(uint64_t part, uint64_t of)
{
	return of == 0 ? 0 : 100.0 * part / of;
}

/* A name has no quote and no backslash in it. */
static void
show_json(const struct trial *t)
{
	for (size_t i = 0; i < rules_count(t->rules); i++) {
		const struct rule *r = rules_at(t->rules, i);

		printf("{\"rule\":\"%s\",\"action\":\"%s\",\"messages\":%"
		    PRIu64 ",\"decided\":%" PRIu64 ",\"bytes\":%" PRIu64
		    "}\n", r->name, rule_action_names[r->action], r->hits,
		    r->decided, t->bytes[i]);
	}
	printf("{\"messages\":%" PRIu64 ",\"bytes\":%" PRIu64 ",\"leftOut\":%"
	    PRIu64 ",\"leftOutBytes\":%" PRIu64 ",\"digests\":%" PRIu64 "}\n",
	    t->messages, t->all, t->hidden, t->saved, t->told);
}

static const char *
messages(uint64_t n)
{
	return n == 1 ? "message" : "messages";
}

static void
show(const struct trial *t)
{
	printf("%10s %10s %7s  %-7s %s\n", "messages", "decided", "volume",
	    "action", "rule");
	for (size_t i = 0; i < rules_count(t->rules); i++) {
		const struct rule *r = rules_at(t->rules, i);

		printf("%10" PRIu64 " %10" PRIu64 " %6.1f%%  %-7s %s\n",
		    r->hits, r->decided, percent(t->bytes[i], t->all),
		    rule_action_names[r->action], r->name);
	}
	printf("%" PRIu64 " %s, %" PRIu64 " bytes; left out: %" PRIu64
	    " %s, %.1f%% of the volume; told in %" PRIu64 " DIGEST\n",
	    t->messages, messages(t->messages), t->all, t->hidden,
	    messages(t->hidden), percent(t->saved, t->all), t->told);
}

/* Standard input cannot be both. */
static bool
twice(const struct loglist *logs, char *const file[], int n)
{
	bool log = false, rules = false;

	for (size_t i = 0; i < logs->n; i++)
		log |= strcmp(logs->path[i], "-") == 0;
	for (int i = 0; i < n; i++)
		rules |= strcmp(file[i], "-") == 0;
	return log && rules;
}

static int
options(struct trial *t, int argc, char *argv[])
{
	static const struct option rows[] = {
		OPTION_ROWS,
		{ "lines", no_argument, NULL, OPT_LINES },
		{ NULL, 0, NULL, 0 },
	};
	int opt;

	while ((opt = getopt_long(argc, argv, "h", rows, NULL)) != -1)
		if (opt == 'h' || opt == OPTION_HELP)
			rulescmd_help();
		else if (opt == OPT_LINES)
			t->lines = true;
		else if (!option_take(&t->common, opt, optarg))
			return -1;
	if (optind == argc) {
		log_error("rules test: expected FILE with rules");
		return -1;
	}
	if (t->common.logs.n == 0 && !option_log(&t->common, "-"))
		return -1;
	if (twice(&t->common.logs, argv + optind, argc - optind)) {
		log_error("rules test: -: standard input is the log; expected "
		    "--log=PATH");
		return -1;
	}
	t->rules = rulescmd_read(argv + optind, argc - optind);
	return t->rules != NULL ? 0 : -1;
}

static int
run(struct trial *t)
{
	uint64_t hits = 0;

	t->digests = digests_new();
	t->reader = reader_new();
	t->bytes = calloc(rules_count(t->rules) + 1, sizeof(*t->bytes));
	if (t->digests == NULL || t->reader == NULL || t->bytes == NULL) {
		log_error("%s", strerror(ENOMEM));
		return EXIT_TROUBLE;
	}
	for (size_t i = 0; i < t->common.logs.n; i++)
		read_log(t, t->common.logs.path[i]);
	digests_tell(t->digests, 0, true, count_digest, t);
	for (size_t i = 0; i < rules_count(t->rules); i++)
		hits += rules_at(t->rules, i)->hits;
	if (t->common.json)
		show_json(t);
	else
		show(t);
	if (fflush(stdout) != 0 || t->trouble)
		return EXIT_TROUBLE;
	return hits > 0 ? EXIT_FOUND : EXIT_NONE;
}

int
rulescmd_test(int argc, char *argv[])
{
	struct trial t = { .trouble = false };
	int rc = EXIT_TROUBLE;

	if (options(&t, argc, argv) == 0)
		rc = run(&t);
	rules_free(t.rules);
	digests_free(t.digests);
	reader_free(t.reader);
	once_free(&t.gone);
	free(t.bytes);
	option_free(&t.common);
	return rc;
}
