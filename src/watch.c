/* SPDX-License-Identifier: BSD-2-Clause */
/* The control socket: its clients, and what goes to them; see watch.h. */
#define _GNU_SOURCE	/* accept4 */
#include "watch.h"

#include <errno.h>
#include <event2/event.h>
#include <json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "account.h"
#include "config.h"
#include "watch_socket.h"
#include "daemon.h"
#include "expr.h"
#include "jsontext.h"
#include "log.h"
#include "request.h"
#include "rfc5424.h"
#include "rules.h"
#include "status.h"
#include "watcher.h"

struct watch {
	struct daemon *d;
	const char *instance;
	int fd;
	char path[108];
	struct event *listener;
	gid_t group;
	uid_t self;
	struct watcher_owner owner;
	struct watcher *client[WATCH_CLIENTS];
	size_t n;
	unsigned turns, accepts;
	size_t bytes, work;	/* of events, since the last tick */
	uint64_t refused, lost;
	/* An event: each byte of the message may become two. */
	char text[2 * RFC5424_MAX + 64];
};

static bool
turn(void *arg)
{
	struct watch *c = arg;

	if (c->turns >= WATCH_TURNS)
		return false;
	c->turns++;
	return true;
}

static void
say_json(struct watcher *w, struct fjson_object *o)
{
	const char *s;

	if (o == NULL || (s = fjson_object_to_json_string_ext(o,
	    FJSON_TO_STRING_PLAIN)) == NULL)
		watcher_complain(w, "no memory");
	else
		watcher_say(w, s, strlen(s));
	fjson_object_put(o);
}

static void
add(struct fjson_object *o, const char *name, const char *s)
{
	fjson_object_object_add(o, name, fjson_object_new_string(s));
}

static void
say_rule(struct watcher *w, const struct rule *r)
{
	struct fjson_object *all = fjson_object_new_object();
	struct fjson_object *o = fjson_object_new_object();

	add(o, "name", r->name);
	add(o, "where", r->where);
	add(o, "action", rule_action_names[r->action]);
	add(o, "tags", r->tags);
	add(o, "events", r->events);
	add(o, "place", r->place);
	fjson_object_object_add(o, "added", fjson_object_new_boolean(r->added));
	fjson_object_object_add(o, "hits", fjson_object_new_int64(r->hits));
	fjson_object_object_add(o, "decided",
	    fjson_object_new_int64(r->decided));
	fjson_object_object_add(all, "rule", o);
	say_json(w, all);
}

/* How many there are now ends the answer. */
static void
say_rules(const struct watch *c, struct watcher *w, bool all)
{
	struct fjson_object *o = fjson_object_new_object();
	size_t n = rules_count(c->d->rules);

	for (size_t i = 0; all && i < n; i++)
		say_rule(w, rules_at(c->d->rules, i));
	fjson_object_object_add(o, "rules", fjson_object_new_int64(n));
	add(o, "hash", rules_hash(c->d->rules));
	say_json(w, o);
}

static void
change(struct watch *c, struct watcher *w, const struct request *r)
{
	char mem[1024];
	struct buf why;
	int rc;

	buf_init(&why, mem, sizeof(mem));
	rc = r->todo == DO_ADD ?
	    rules_add(c->d->rules, "rule", r->rule, r->rule_len, &why) :
	    rules_remove(c->d->rules, r->rule, &why);
	if (rc == -1) {
		watcher_complain(w, buf_cstr(&why) != NULL ? mem :
		    "the rules are as they were");
		return;
	}
	daemon_rules_changed(c->d);
	say_rules(c, w, false);
}

static void
answer(struct watch *c, struct watcher *w, struct request *r)
{
	static const char watching[] = "{\"trace\":\"begun\"}";

	switch (r->todo) {
	case DO_STATUS:
		say_json(w, status_json(c->d->status));
		return;
	case DO_TRACE:
		watcher_watch(w, r->where);
		r->where = NULL;
		watcher_say(w, watching, sizeof(watching) - 1);
		return;
	case DO_RULES:
		say_rules(c, w, true);
		return;
	case DO_ADD:
	case DO_REMOVE:
		change(c, w, r);
		return;
	case NREQUESTS:
		return;
	}
}

/* A line is no request if it is not understood, or not allowed. */
static bool
on_line(void *arg, struct watcher *w, const char *line, size_t n)
{
	struct watch *c = arg;
	struct request r;
	char mem[1024];
	struct buf why;

	buf_init(&why, mem, sizeof(mem));
	if (request_read(&r, line, n, &why) == -1) {
		watcher_complain(w, buf_cstr(&why) != NULL ? mem :
		    "expected a request");
		return false;
	}
	if (request_changes(&r) && !watcher_peer(w)->change)
		watcher_complain(w, "only root may change rules");
	else
		answer(c, w, &r);
	request_free(&r);
	return true;
}

/* What was connected just now has an empty buffer, which takes a line. */
static void
refuse(struct watch *c, int fd, const char *why)
{
	char line[256];
	int n = snprintf(line, sizeof(line), "{\"error\":\"%s\"}\n", why);

	c->refused++;
	if (send(fd, line, n, MSG_NOSIGNAL | MSG_DONTWAIT) == -1)
		log_debug("control: %s", strerror(errno));
	close(fd);
}

static void
greet(const struct watch *c, struct watcher *w)
{
	char line[256];
	int n = snprintf(line, sizeof(line), "{\"pidtreed\":\"%s\","
	    "\"protocol\":%d,\"instance\":\"%s\",\"may\":\"%s\"}",
	    PACKAGE_VERSION, WATCH_PROTOCOL, c->instance,
	    watcher_peer(w)->change ? "change" : "watch");

	watcher_say(w, line, n);
}

static void
admit(struct watch *c, int fd)
{
	struct peer peer;
	struct watcher *w;

	if (peer_ask(fd, c->self, c->group, &peer) == -1)
		refuse(c, fd, "who you are is not known");
	else if (!peer.watch)
		refuse(c, fd, "permission denied: root and the members of "
		    "group " WATCH_GROUP " may watch");
	else if (c->n >= WATCH_CLIENTS - (peer.change ? 0 :
	    WATCH_FOR_ROOT))
		refuse(c, fd, "too many clients");
	else if ((w = watcher_new(c->d->base, fd, &peer, &c->owner)) == NULL)
		refuse(c, fd, "no memory");
	else {
		c->client[c->n++] = w;
		greet(c, w);
	}
}

static void
on_client(evutil_socket_t fd, short what, void *arg)
{
	struct watch *c = arg;
	int client;

	(void)what;
	if (++c->accepts >= WATCH_ACCEPTS)
		event_del(c->listener);		/* until the next tick */
	client = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (client != -1)
		admit(c, client);
	else if (errno == EMFILE || errno == ENFILE || errno == ENOMEM)
		event_del(c->listener);
}

struct watch *
watch_open(struct daemon *d, const char *instance, uid_t account)
{
	struct watch *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	c->d = d;
	c->instance = instance;
	c->self = account;
	c->owner = (struct watcher_owner){ on_line, turn, c };
	if (account_group(WATCH_GROUP, &c->group) == -1)
		c->group = PEER_NO_GROUP;
	c->fd = watch_socket(c->path, sizeof(c->path), instance, account,
	    c->group);
	if (c->fd == -1)
		log_warn("control: %s: %s: nobody can ask or watch", c->path,
		    strerror(errno));
	else if ((c->listener = event_new(d->base, c->fd, EV_READ | EV_PERSIST,
	    on_client, c)) != NULL) {
		event_priority_set(c->listener, WATCHER_PRIORITY);
		event_add(c->listener, NULL);
		return c;
	}
	watch_close(c);
	return NULL;
}

static size_t
event_line(struct watch *c, const char *line, size_t n)
{
	struct buf b;

	buf_init(&b, c->text, sizeof(c->text));
	buf_adds(&b, "{\"message\":\"");
	jsontext(&b, line, n);
	buf_adds(&b, "\"}\n");
	return b.full ? 0 : b.len;
}

/* Is it for this one?  What watching costs is bounded, however many watch: of
   what is beyond that nobody knows, and it counts as lost. */
static bool
wanted(struct watch *c, struct watcher *w, const struct message *m, size_t n)
{
	const struct expr *where = watcher_where(w);

	if (!watcher_watches(w))
		return false;
	if (where != NULL && c->work <= WATCH_WORK) {
		c->work += expr_work(where, m->ngen);
		if (!expr_match(where, m))
			return false;
	}
	if (c->bytes + n <= WATCH_BYTES &&
	    (where == NULL || c->work <= WATCH_WORK))
		return true;
	watcher_lose(w);
	c->lost++;
	return false;
}

void
watch_message(struct watch *c, const struct message *m, const char *line,
    size_t n)
{
	size_t len = 0;

	if (c == NULL)
		return;
	for (size_t i = 0; i < c->n; i++) {
		if (!wanted(c, c->client[i], m, n))
			continue;
		if (len == 0 && (len = event_line(c, line, n)) == 0)
			return;
		c->bytes += len;
		c->lost += watcher_event(c->client[i], c->text, len);
	}
}

void
watch_tick(struct watch *c)
{
	if (c == NULL)
		return;
	c->turns = c->accepts = 0;
	c->bytes = c->work = 0;
	for (size_t i = 0; i < c->n;)
		if (watcher_tick(c->client[i])) {
			watcher_free(c->client[i]);
			c->client[i] = c->client[--c->n];
		} else
			i++;
	event_add(c->listener, NULL);
}

void
watch_describe(const struct watch *c, struct fjson_object *o)
{
	struct fjson_object *p = fjson_object_new_object();
	size_t watching = 0;

	for (size_t i = 0; i < c->n; i++)
		watching += watcher_watches(c->client[i]);
	fjson_object_object_add(p, "now", fjson_object_new_int64(c->n));
	fjson_object_object_add(p, "most",
	    fjson_object_new_int64(WATCH_CLIENTS));
	fjson_object_object_add(p, "watching",
	    fjson_object_new_int64(watching));
	fjson_object_object_add(p, "refused",
	    fjson_object_new_int64(c->refused));
	fjson_object_object_add(p, "lost", fjson_object_new_int64(c->lost));
	fjson_object_object_add(o, "clients", p);
}

void
watch_close(struct watch *c)
{
	if (c == NULL)
		return;
	for (size_t i = 0; i < c->n; i++)
		watcher_free(c->client[i]);
	if (c->listener != NULL)
		event_free(c->listener);
	if (c->fd != -1) {
		unlink(c->path);
		close(c->fd);
	}
	free(c);
}
