/* SPDX-License-Identifier: BSD-2-Clause */
/* The connection out of an attempt; see connection.h. */
#include "connection.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <time.h>

#include "buf.h"
#include "conf.h"
#include "prefix.h"
#include "text.h"

static struct str
constant(const char *s)
{
	return (struct str){ s, s != NULL ? strlen(s) : 0 };
}

/* sk_err when the socket closed -> what became of it. */
static const char *
failure(int err)
{
	switch (err) {
	case ECONNREFUSED:
		return "refused";
	case ETIMEDOUT:
		return "timeout";
	case EHOSTUNREACH:
	case ENETUNREACH:
	case EHOSTDOWN:
	case ENOPROTOOPT:
	case EACCES:
		return "unreachable";
	case ECONNRESET:
	case EPIPE:			/* reset after the other side's FIN */
		return "reset";
	default:
		return "aborted";
	}
}

static const char *
outcome_of(const struct attempt *a)
{
	return a->flags & ATTEMPT_EST ? "established" : failure(a->err);
}

static struct str
protocol(uint16_t number)
{
	return constant(number == IPPROTO_UDP ? "UDP" : "TCP");
}

/* A UDP socket need not be bound to an address: nothing, then. */
static void
address(struct in6_addr *out, int family, const uint8_t raw[16])
{
	static const uint8_t none[4];
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

	if (family == AF_INET6) {
		memcpy(out, raw, 16);
		return;
	}
	if (memcmp(raw, none, sizeof(none)) == 0)
		return;
	memcpy(out->s6_addr, mapped, 12);
	memcpy(out->s6_addr + 12, raw, 4);
}

static bool
is_proxy(const struct conf *conf, const struct message *m)
{
	for (size_t i = 0; i < conf->nproxies; i++)
		if (conf->proxies[i].port == m->dpt &&
		    memcmp(&conf->proxies[i].addr, &m->dst, 16) == 0)
			return true;
	return false;
}

/* RFC 6052, 2.1: the well-known prefix. */
static void
nat64(struct message *m)
{
	static const uint8_t prefix[12] = { 0, 0x64, 0xff, 0x9b };
	static char text[INET_ADDRSTRLEN];

	if (memcmp(&m->dst, prefix, 12) != 0)
		return;
	inet_ntop(AF_INET, m->dst.s6_addr + 12, text, sizeof(text));
	m->nat64 = constant(text);
}

/* The network that the kernel counted by; see storm_key_of. */
static void
digest(const struct attempt *a, int64_t offset_us, struct message *m)
{
	static char text[INET6_ADDRSTRLEN + 4];
	bool listens = a->kind == KIND_LISTEN;
	bool src = listens || a->kind == KIND_ACCEPT;
	struct prefix net = { src ? m->src : m->dst,
	    a->family == AF_INET ? 96 + STORM_NET4 : STORM_NET6 };
	struct buf b;

	for (size_t i = net.len / 8; i < sizeof(net.addr); i++)
		net.addr.s6_addr[i] = 0;
	buf_init(&b, text, sizeof(text));
	prefix_write(&net, &b);
	if (!IN6_IS_ADDR_UNSPECIFIED(src ? &m->src : &m->dst))
		m->net = (struct str){ b.p, b.len };
	if (!listens || a->flags & ATTEMPT_RANDOM ||
	    (a->proto == IPPROTO_UDP && a->sport >= PORTS_FREE))
		m->spt = NUM_NONE;
	m->start = a->time / 1000 + offset_us;
	m->end = a->decided / 1000 + offset_us;
	m->time = m->end;
	m->cnt = a->cnt;
}

static uint64_t
boot_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_BOOTTIME, &t);
	return t.tv_sec * 1000000000ULL + t.tv_nsec;
}

/* A socket that listens: it has a local end alone. */
static void
fill_listen(const struct attempt *a, int64_t offset_us, struct message *m)
{
	m->time = a->time / 1000 + offset_us;
	m->act = constant("listen");
	m->proto = protocol(a->proto);
	m->family = a->family;
	address(&m->src, a->family, a->saddr);
	if (IN6_IS_ADDR_V4MAPPED(&m->src))
		m->family = AF_INET;
	if (a->sport != 0)
		m->spt = a->sport;
	if (a->flags & ATTEMPT_RANDOM)
		m->random = 1;
	if (m->id == MSG_DIGEST)
		digest(a, offset_us, m);
	if (a->flags & ATTEMPT_SNAPSHOT)
		m->snapshot = 1;
}

/* From there to here, by who listens here. */
static void
fill_accept(const struct attempt *a, int64_t offset_us, struct message *m)
{
	m->time = a->time / 1000 + offset_us;
	m->act = constant("accept");
	m->outcome = constant("established");
	m->proto = protocol(a->proto);
	m->direction = 0;
	m->family = a->family;
	address(&m->src, a->family, a->saddr);
	address(&m->dst, a->family, a->daddr);
	m->spt = a->sport;
	m->dpt = a->dport;
	if (m->id == MSG_DIGEST) {
		m->outcome = constant(NULL);
		digest(a, offset_us, m);
	}
}

bool
connection_wanted(const struct attempt *a, const struct conf *conf,
    uint32_t netns)
{
	struct in6_addr addr = { .s6_addr = { [10] = 0xff, [11] = 0xff } };

	if (a->kind == KIND_ACCEPT) {
		address(&addr, a->family, a->saddr);
		return conf->accept && filter_decide(conf->accept_filter,
		    &addr, a->dport);
	}
	if (a->kind != KIND_LISTEN)
		return true;		/* the kernel's filter was asked */
	if (!conf->listen || (!conf->listen_all && a->netns != netns))
		return false;
	if (a->proto == IPPROTO_UDP ? conf->listen_udp == BIND_OFF ||
	    (conf->listen_udp != BIND_RANDOM && a->flags & ATTEMPT_RANDOM) :
	    !conf->listen_random && a->flags & ATTEMPT_RANDOM)
		return false;
	address(&addr, a->family, a->saddr);
	return filter_decide(conf->listen_filter, &addr, a->sport);
}

void
connection_fill(const struct attempt *a, const struct conf *conf,
    int64_t offset_us, struct message *m)
{
	uint64_t until = a->state == ATTEMPT_DECIDED ? a->decided : boot_ns();

	if (a->kind == KIND_LISTEN) {
		fill_listen(a, offset_us, m);
		return;
	}
	if (a->kind == KIND_ACCEPT) {
		fill_accept(a, offset_us, m);
		return;
	}
	m->time = (m->id == MSG_OUTCOME ? until : a->time) / 1000 + offset_us;
	m->act = constant(a->kind == KIND_UDP ? "send" : "connect");
	m->proto = protocol(a->proto);
	if (a->flags & ATTEMPT_QUIC)
		m->quic = 1;
	m->direction = 1;
	m->family = a->family;
	address(&m->src, a->family, a->saddr);
	address(&m->dst, a->family, a->daddr);
	if (a->sport != 0)
		m->spt = a->sport;
	m->dpt = a->dport;
	nat64(m);
	if (is_proxy(conf, m))
		m->proxy = 1;
	if (a->flags & ATTEMPT_KERNEL)
		m->kernel = 1;
	if (a->flags & ATTEMPT_SUBFLOW)
		m->subflow = 1;
	if (a->flags & ATTEMPT_REPAIR)
		m->repair = 1;
	if (m->id == MSG_DIGEST)
		digest(a, offset_us, m);
	if (a->flags & ATTEMPT_SNAPSHOT)
		m->snapshot = 1;
	if (a->state == ATTEMPT_NOMARK)
		return;
	if (!(a->flags & ATTEMPT_SNAPSHOT))
		m->waited = (until - a->time) / 1000000;
	if (a->state == ATTEMPT_DECIDED) {
		m->outcome = constant(outcome_of(a));
		if (!(a->flags & ATTEMPT_EST) && a->err != 0)
			m->reason = constant(text_errno(a->err));
	} else
		m->outcome = constant("pending");
}

/* Whoever's FIN was first; without one, who reset it. */
static const char *
closed_by(const struct ending *e)
{
	if (e->by != BY_NOBODY)
		return e->by == BY_LOCAL ? "local" : "remote";
	if (e->flags & ENDING_IDLE)
		return NULL;
	switch (e->err) {
	case 0:
	case ECONNABORTED:
		return "local";
	case ECONNRESET:
		return "remote";
	default:
		return NULL;
	}
}

static const char *
ended(const struct ending *e)
{
	if (e->flags & ENDING_IDLE)
		return "idle";
	return e->flags & ENDING_WHOLE && e->err == 0 ? "closed" :
	    failure(e->err);
}

void
connection_fill_ending(const struct ending *e, int64_t offset_us,
    struct message *m)
{
	m->time = e->end / 1000 + offset_us;
	m->act = constant("close");
	m->outcome = constant(ended(e));
	if (e->err != 0)
		m->reason = constant(text_errno(e->err));
	if (e->flags & ENDING_SNAPSHOT)
		m->snapshot = 1;
	m->closedby = constant(closed_by(e));
	m->duration = (e->end - e->start) / 1000000;
	if (e->kind == KIND_UDP) {
		m->cnt = e->datagrams;
	} else {
		m->in = e->in;
		m->out = e->out;
	}
	m->proto = protocol(e->proto);
	m->family = e->family;
	address(&m->src, e->family, e->saddr);
	address(&m->dst, e->family, e->daddr);
	m->spt = e->sport;
	m->dpt = e->dport;
}
