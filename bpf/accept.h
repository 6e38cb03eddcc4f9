/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * An inbound TCP connection.  It is complete in a softirq, with anybody as
 * current, before accept() returns it: whose it is was noted with the socket
 * that listens, and the kernel clones that to the new one.
 */
#ifndef PIDTREED_ACCEPT_H
#define PIDTREED_ACCEPT_H

#include "storm.h"

/* The set of local ports, behind those of the filter. */
static __always_inline bool
accept_port(struct control *c, __u16 port)
{
	return port_in(c->filter, PORTSET_ACCEPT, port);
}

/* The socket sk listens at this port for the process of key: from now on, or as
   far as nobody knows better.  Only those that
   are looked for get storage: a clone for each connection costs. */
static __always_inline void
accept_note(struct control *c, void *sk, __u16 port, struct proc_key *key,
    bool now)
{
	struct proc_key *owner;

	if (!(c->wants & WANT_ACCEPT) || !accept_port(c, port))
		return;
	owner = bpf_sk_storage_get(&listeners, sk, key,
	    BPF_SK_STORAGE_GET_F_CREATE);
	if (owner && now)
		*owner = *key;
	else if (!owner)
		count(COUNTER_accepts_unknown);
}

/* What is the remote's is src, as it opened it; there is no outcome to wait
   for, the handshake is complete. */
static __always_inline void
accept_done(struct bpf_sock_ops *ctx, struct control *c, struct bpf_sock *sk)
{
	struct tuple t = { .kind = KIND_ACCEPT, .proto = IPPROTO_TCP,
	    .family = ctx->family, .dport = ctx->local_port,
	    .sport = bpf_ntohl(ctx->remote_port) };
	struct proc_key *owner = bpf_sk_storage_get(&listeners, sk, 0, 0);
	struct tcp_sock *tp;

	if (!owner)
		return;
	t.owner = *owner;
	bpf_sk_storage_delete(&listeners, sk);
	if (!(c->wants & WANT_ACCEPT) || !accept_port(c, t.dport) ||
	    !(tp = bpf_skc_to_tcp_sock(sk)))
		return;
	if (t.family == AF_INET6) {
		t.saddr[0] = ctx->remote_ip6[0];
		t.saddr[1] = ctx->remote_ip6[1];
		t.saddr[2] = ctx->remote_ip6[2];
		t.saddr[3] = ctx->remote_ip6[3];
		t.daddr[0] = ctx->local_ip6[0];
		t.daddr[1] = ctx->local_ip6[1];
		t.daddr[2] = ctx->local_ip6[2];
		t.daddr[3] = ctx->local_ip6[3];
	} else {
		t.saddr[0] = ctx->remote_ip4;
		t.daddr[0] = ctx->local_ip4;
	}
	tuple_unmap(&t);
	t.netns = tp->inet_conn.icsk_inet.sk.__sk_common.skc_net.net->ns.inum;
	if (storm_takes(&t, WANTED_LOG))
		return;
	count(COUNTER_accepts);
	attempt_new(&t);
}

#endif
