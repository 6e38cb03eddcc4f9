/* SPDX-License-Identifier: BSD-2-Clause */
/* Which probes and filters were in force, and would they have logged it? */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "fields.h"
#include "lookup_cover_impl.h"
#include "lookup_logged.h"
#include "text.h"

static bool
has_word(const char *list, const char *word)
{
	size_t n, len = strlen(word);

	for (; *list != '\0'; list += n, list += strspn(list, ", ")) {
		n = strcspn(list, ", ");
		if (n == len && memcmp(list, word, n) == 0)
			return true;
	}
	return false;
}

/* All words of a list? */
static bool
has_words(const char *list, const char *words)
{
	char copy[64], *word, *save = NULL;

	snprintf(copy, sizeof(copy), "%s", words);
	for (word = strtok_r(copy, ",", &save); word != NULL;
	    word = strtok_r(NULL, ",", &save))
		if (!has_word(list, word))
			return false;
	return true;
}

/* Does this version look through such messages at all? */
static bool
is_searched(const char *name)
{
	return strcmp(name, msgid_names[MSG_CONNECT].name) == 0 ||
	    strcmp(name, msgid_names[MSG_UDP].name) == 0 ||
	    strcmp(name, msgid_names[MSG_LISTEN].name) == 0 ||
	    strcmp(name, msgid_names[MSG_DNS].name) == 0;
}

static void
judge_force(struct judge *j, const struct force *f)
{
	const struct wanted *w = j->w;
	const char *filter = j->hosts->filter.text[w->listening ? f->listens :
	    f->filter];
	char addr[TEXT_ADDR + 1], port[32] = "", since[COVER_TIME];

	if (!has_words(j->hosts->probes.text[f->probes], w->probe)) {
		cover_add(j->cover, "%s: the probe that logs them (%s, "
		    "messages %s) was not active on %s", w->of, w->probe,
		    w->msgid, j->name);
		return;
	}
	if (!is_searched(w->msgid)) {
		cover_add(j->cover, "%s: messages %s are not searched by "
		    "this command", w->of, w->msgid);
		return;
	}
	if (w->addr == NULL)
		return;
	addr[text_put_addr(addr, w->addr)] = '\0';
	if (w->port != NUM_NONE)
		snprintf(port, sizeof(port), " port %" PRId64, w->port);
	cover_time(since, f->first);
	switch (logged(filter, w->addr, w->port)) {
	case LOGGED_YES:
		break;
	case LOGGED_NO:
		cover_add(j->cover, "the filter of %s did not log %s%s "
		    "(in force at %s)", j->name, addr, port, since);
		break;
	case LOGGED_BOXES:
		cover_add(j->cover, "the filter of %s did not log those of "
		    "some containers:%s (in force at %s)", j->name,
		    strstr(filter, "; containers ") + strlen("; containers"),
		    since);
		break;
	case LOGGED_SOME:
		cover_add(j->cover, "the filter of %s logged only some ports "
		    "of %s (in force at %s)", j->name, addr, since);
		break;
	case LOGGED_UNKNOWN:
		cover_add(j->cover, "what the filter of %s logged at %s is "
		    "not known: its text is %s", j->name, since,
		    *filter == '\0' ? "missing" : "cut off");
	}
}

/* Is there another force between this one and the window? */
static bool
in_force(const struct judge *j, const struct series *s, size_t i)
{
	int64_t first = s->force[i].first, last = INT64_MAX;

	/* STATS say what had been so all the time. */
	if (!s->force[i].reload)
		first = i == 0 ? INT64_MIN : s->force[i - 1].last;
	if (i + 1 < s->nforces)
		last = s->force[i + 1].first;
	return cover_touches(j, first, last);
}

/* Messages of the series around the window. */
static bool
ran(const struct judge *j, const struct series *s)
{
	size_t n = s->nstretches;

	return n > 0 && cover_touches(j, s->stretch[0].first,
	    s->stretch[n - 1].last);
}

void
cover_forces(struct judge *j)
{
	const struct host *h = j->host;
	size_t i, k, before = j->cover->nwhy;
	bool known;

	for (i = 0; i < h->nseries; i++) {
		if (!ran(j, h->series + i))
			continue;
		known = false;
		for (k = 0; k < h->series[i].nforces; k++)
			if (in_force(j, h->series + i, k)) {
				known = true;
				if (j->cover->nwhy == before)
					judge_force(j, h->series[i].force + k);
			}
		if (!known && j->cover->nwhy == before)
			cover_add(j->cover, "what pidtreed[%" PRId64 "] on %s "
			    "logged is not known: no START, RELOAD or STATS "
			    "of it is in these logs", h->series[i].procid,
			    j->name);
	}
}
