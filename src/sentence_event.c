/* SPDX-License-Identifier: BSD-2-Clause */
/* What a process did, in a sentence. */
#include <string.h>

#include "sentence_impl.h"

/* web-7 alice: curl(4242) -> 203.0.113.4:443/tcp established; curl<bash */
static void
put_connection(struct writer *w)
{
	const struct message *m = w->m;

	sentence_caller(w);
	writer_text(w, " -> ");
	sentence_end(w, &m->dst, m->dpt, '?');
	if (m->outcome.n > 0) {
		*w->p++ = ' ';
		sentence_value(w, &m->outcome, EMIT_MSG, RFC5424_VALUE);
	}
	if (m->snapshot == 1)
		writer_text(w, " before");
	sentence_times(w);
	if (m->id == MSG_DIGEST)
		sentence_known(w, " to ", &m->net);
	sentence_line(w);
}

/* web-7 root: nginx(812) listens on 203.0.113.4:443/tcp; nginx<systemd */
static void
put_listen(struct writer *w)
{
	const struct message *m = w->m;

	sentence_caller(w);
	writer_text(w, " listens on ");
	sentence_end(w, &m->src, m->spt, '*');
	if (m->snapshot == 1)
		writer_text(w, ", as before");
	sentence_times(w);
	sentence_line(w);
}

/* web-7 root: sshd(812) accepts 10.0.3.4:22/tcp from 203.0.113.9:40022 */
static void
put_accept(struct writer *w)
{
	const struct message *m = w->m;

	sentence_caller(w);
	writer_text(w, " accepts ");
	sentence_end(w, &m->dst, m->dpt, '?');
	writer_text(w, " from ");
	sentence_end(w, &m->src, m->spt, '?');
	sentence_times(w);
	sentence_line(w);
}

/* web-7 alice: curl(4242) asks 192.0.2.53:53/udp for example.net A: NOERROR
   203.0.113.4; curl<bash */
static void
put_dns(struct writer *w)
{
	const struct message *m = w->m;

	sentence_caller(w);
	writer_text(w, " asks ");
	sentence_end(w, &m->dst, m->dpt, '?');
	sentence_known(w, " for ", &m->query);
	sentence_known(w, " ", &m->qtype);
	if (m->id == MSG_DIGEST && m->cnt >= 0) {
		writer_text(w, ", ");
		writer_number(w, m->cnt);
		writer_text(w, m->query.n > 0 ? " times" :
		    " times for many names");
	} else if (m->rcode.n > 0) {
		sentence_known(w, ": ", &m->rcode);
		sentence_known(w, " ", &m->answers);
	} else
		sentence_known(w, ": ", &m->outcome);
	sentence_line(w);
}

static bool
is(const struct str *s, const char *word)
{
	return s->n == strlen(word) && memcmp(s->s, word, s->n) == 0;
}

/* web-7 root: bash(812) executed /usr/bin/id; bash<sshd<systemd */
static void
put_exec(struct writer *w)
{
	const struct message *m = w->m;

	sentence_caller(w);
	if (m->reason.n > 0) {
		writer_text(w, " failed to execute");
		sentence_known(w, " ", &m->filepath);
		sentence_known(w, ": ", &m->reason);
	} else if (m->ngen > 0) {
		sentence_known(w, " executed ", &m->gen[0].exe);
		sentence_known(w, " for ", &m->gen[0].script);
	}
	sentence_times(w);
	sentence_line(w);
}

/* web-7 alice: bash(4200) on pts0 is told: ls -l; bash<sshd<systemd */
static void
put_typed(struct writer *w)
{
	const struct message *m = w->m;

	sentence_caller(w);
	sentence_known(w, " on ", &m->tty);
	if (m->line.n > 0) {
		writer_text(w, " is told: ");
		sentence_value(w, &m->line, EMIT_MSG, NAME_MOST);
	}
	sentence_line(w);
}

/* web-7 alice: cat(4242) failed to open /etc/shadow: EACCES; cat<bash<sshd */
static void
put_open(struct writer *w)
{
	const struct message *m = w->m;

	sentence_caller(w);
	writer_text(w, m->reason.n > 0 ? " failed to open" : " opened");
	sentence_known(w, " ", &m->filepath);
	sentence_known(w, " for ", &m->access);
	sentence_known(w, ": ", &m->reason);
	sentence_times(w);
	sentence_line(w);
}

/* web-7 root: sh(4242) left its container and opened /etc/shadow of the host
   for read; sh<runc<systemd */
static void
put_escape(struct writer *w)
{
	const struct message *m = w->m;

	sentence_caller(w);
	writer_text(w, " left its container and");
	if (m->entered.s != NULL) {
		writer_text(w, " entered the host's");
		sentence_known(w, " ", &m->entered);
	} else {
		writer_text(w, is(&m->way, "exec") ? " executed" : " opened");
		sentence_known(w, " ", &m->filepath);
		writer_text(w, is(&m->place, "host") ? " of the host" :
		    is(&m->place, "other") ? " of another" :
		    " of a mount that was taken off");
		sentence_known(w, " for ", &m->access);
	}
	sentence_times(w);
	sentence_line(w);
}

/* web-7 alice: ping(4200) was denied CAP_NET_RAW, 3 times; ping<bash<systemd */
static void
put_capable(struct writer *w)
{
	const struct message *m = w->m;

	sentence_caller(w);
	writer_text(w, " was");
	sentence_known(w, " ", &m->outcome);
	sentence_known(w, " ", &m->capability);
	sentence_times(w);
	sentence_line(w);
}

/* web-7: closed by remote after 1200 ms; the message is to be short */
static void
put_close(struct writer *w)
{
	const struct message *m = w->m;

	sentence_known(w, "", &m->outcome);
	sentence_known(w, " by ", &m->closedby);
	if (m->duration >= 0) {
		writer_text(w, " after ");
		writer_number(w, m->duration);
		writer_text(w, " ms");
	}
}

/* What a DIGEST stands for. */
static void
put_digest(struct writer *w)
{
	static const struct {
		const char *act;
		void (*put)(struct writer *);
	} kinds[] = {
		{ "ask", put_dns }, { "listen", put_listen },
		{ "accept", put_accept }, { "exec", put_exec },
		{ "open", put_open }, { "escape", put_escape },
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (is(&w->m->act, kinds[i].act)) {
			kinds[i].put(w);
			return;
		}
	put_connection(w);
}

bool
sentence_event(struct writer *w)
{
	static void (*const put[NMSGIDS])(struct writer *) = {
		[MSG_CONNECT] = put_connection, [MSG_OUTCOME] = put_connection,
		[MSG_UDP] = put_connection, [MSG_CLOSE] = put_close,
		[MSG_DIGEST] = put_digest, [MSG_DNS] = put_dns,
		[MSG_LISTEN] = put_listen, [MSG_ACCEPT] = put_accept,
		[MSG_EXEC] = put_exec, [MSG_READLINE] = put_typed,
		[MSG_CAPABLE] = put_capable, [MSG_OPEN] = put_open,
		[MSG_ESCAPE] = put_escape,
	};

	if (put[w->m->id] == NULL)
		return false;
	put[w->m->id](w);
	return true;
}
