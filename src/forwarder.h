/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One target that rsyslog forwards to: what it is, and the RainerScript that
 * says so.  Nothing in here touches a file.
 */
#ifndef PIDTREED_FORWARDER_H
#define PIDTREED_FORWARDER_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"

#define FORWARDER_NAME	31	/* bytes of a name, at most */
#define FORWARDER_HOST	253	/* of a host's name (RFC 1035 2.3.4) */
#define ENDPOINTS	8	/* of one target, at most */

enum format { FORMAT_RFC5424, FORMAT_ECS, FORMAT_CEF, NFORMATS };

extern const char *const format_names[NFORMATS];

struct endpoint {
	char host[FORWARDER_HOST + 1];	/* an IPv6 address without [] */
	unsigned port;
};

/* All strings are borrowed; NULL: not given. */
struct forwarder {
	const char *name;
	const struct forwarder_kind *kind;
	enum format format;
	struct endpoint to[ENDPOINTS];
	size_t nto;
	const char *ca, *cert, *key;	/* absolute paths */
	const char *peer;		/* name in the receiver's certificate */
	const char *into;		/* index or topic */
	const char *user, *password;
	const char *audit;		/* auditd's log, if that goes too */
	const char *disk;		/* of the queue at most: "2g" */
	const char *spool;		/* directory of the queue */
	const char *command;		/* pidtree itself: an absolute path */
	const char *driver;		/* netstream driver: gtls, ossl */
	bool plain;			/* without TLS */
};

struct forwarder_kind {
	const char *name;
	const char *what;		/* for people */
	const char *module;		/* of rsyslog; NULL: built in */
	unsigned port;			/* if none is given */
	size_t endpoints;		/* at most */
	bool names;			/* --peer and --ca have to be known */
	unsigned formats;		/* 1 << enum format */
	enum format format;		/* if none is given */
	const char *into, *audit_into;	/* index or topic, if it has one */
	/* The action's parameters; suffix "" or "_audit". */
	void (*action)(struct buf *, const struct forwarder *,
	    const char *suffix);
	/* Templates and rulesets that the kind needs besides; or NULL. */
	void (*more)(struct buf *, const struct forwarder *);
};

extern const struct forwarder_kind forwarder_kinds[];
extern const size_t nforwarder_kinds;

/* NULL: none of that name. */
const struct forwarder_kind *forwarder_kind(const char *name);
/* HOST[:PORT] or several of them with commas between; 0, or -1 with a
   constant text: what is wrong. */
int forwarder_target(struct forwarder *, const char *, const char **why);
/* Letters, digits and -, a letter first. */
bool forwarder_name_ok(const char *);
/* Is it an address rather than a name? */
bool forwarder_is_address(const char *host);

/* A constant of RainerScript, quotes included, for any bytes. */
void forwarder_quote(struct buf *, const char *);
/* The file of rsyslog-forward.d: templates, rulesets with queues, inputs. */
void forwarder_text(struct buf *, const struct forwarder *);
/* Reads back from that text what it is: kind, to, audit (into mem).  -1: it
   is not one that forwarder_text wrote. */
#define FORWARDER_MEM	4096
int forwarder_read(struct forwarder *, const char *text,
    char mem[FORWARDER_MEM]);
/* The file of rsyslog-actions.d: the call. */
void forwarder_call(struct buf *, const struct forwarder *);
/* Host, or [host] if it is an IPv6 address, and :port. */
void forwarder_endpoint(struct buf *, const struct endpoint *);

#endif
