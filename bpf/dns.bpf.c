/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* DNS: who may ask, and who answers.  The questions are in packet.bpf.c, who
   sends one with an address in the call in udp.bpf.c. */
#include "dnsowner.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

SEC("cgroup/connect4")
int on_dns_connect4(struct bpf_sock_addr *ctx)
{
	struct control *c;

	if (ctx->user_port == bpf_htons(DNS_PORT) && ctx->sk && (c = gate()))
		dns_owner(ctx->sk, ctx->user_port, c);
	return 1;
}

SEC("cgroup/connect6")
int on_dns_connect6(struct bpf_sock_addr *ctx)
{
	struct control *c;

	if (ctx->user_port == bpf_htons(DNS_PORT) && ctx->sk && (c = gate()))
		dns_owner(ctx->sk, ctx->user_port, c);
	return 1;
}

SEC("cgroup/post_bind4")
int on_dns_bind4(struct bpf_sock *sk)
{
	struct control *c;

	if (sk->src_port == DNS_PORT && (c = gate()) && c->wants & WANT_DNS)
		dns_server();
	return 1;
}

SEC("cgroup/post_bind6")
int on_dns_bind6(struct bpf_sock *sk)
{
	struct control *c;

	if (sk->src_port == DNS_PORT && (c = gate()) && c->wants & WANT_DNS)
		dns_server();
	return 1;
}
