/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A TCP socket begins to listen. */
#ifndef PIDTREED_LISTEN_H
#define PIDTREED_LISTEN_H

#include "accept.h"

/* In the caller's context; by then the socket is in the state LISTEN and, where
   it was not bound, has got its port (inet_csk_listen_start). */
static __always_inline void
listen_begin(struct bpf_sock_ops *ctx, struct control *c, struct bpf_sock *sk)
{
	struct tuple t = { .kind = KIND_LISTEN, .proto = IPPROTO_TCP,
	    .family = ctx->family, .sport = ctx->local_port };
	struct tcp_sock *tp = bpf_skc_to_tcp_sock(sk);
	struct proc_key key;

	if (!tp)
		return;
	key_of(&key, bpf_get_current_task_btf());
	accept_note(c, sk, t.sport, &key, true);
	if (!(c->wants & WANT_LISTEN))
		return;
	if (t.family == AF_INET6) {
		t.saddr[0] = ctx->local_ip6[0];
		t.saddr[1] = ctx->local_ip6[1];
		t.saddr[2] = ctx->local_ip6[2];
		t.saddr[3] = ctx->local_ip6[3];
	} else
		t.saddr[0] = ctx->local_ip4;
	t.netns = tp->inet_conn.icsk_inet.sk.__sk_common.skc_net.net->ns.inum;
	if (!(BPF_CORE_READ_BITFIELD_PROBED(&tp->inet_conn.icsk_inet.sk,
	    sk_userlocks) & SOCK_BINDPORT_LOCK))
		t.flags = ATTEMPT_RANDOM;
	if (t.flags && !(c->wants & WANT_RANDOM))
		return;
	if (storm_takes(&t, WANTED_LOG))
		return;
	count(COUNTER_listens);
	attempt_new(&t);
}

#endif
