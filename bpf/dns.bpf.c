/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* DNS: who asks for which name, and what the answer was. */
#include "dns.h"
#include "dnsname.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

static __always_inline struct control *
dns_gate(void)
{
	struct control *c = gate();

	return c && c->wants & WANT_DNS ? c : NULL;
}

/*
 * Whose question it is.  Who connects a socket to port 53, or sends to there
 * from another, is noted with it while he is current: a packet may leave later
 * and for another task (TCP's data when an acknowledgement came, what a queue
 * of netfilter gives back).  Sockets from before the collector have nobody
 * noted, and current is nearly always right.
 */
static __always_inline void
dns_user(struct bpf_sock *sk, __u16 port)
{
	struct dns_sock *s;

	if (port != bpf_htons(DNS_PORT) || !sk || !dns_gate())
		return;
	s = bpf_sk_storage_get(&dns_sock, sk, 0, BPF_SK_STORAGE_GET_F_CREATE);
	if (s)
		key_of(&s->owner, bpf_get_current_task_btf());
}

SEC("cgroup/connect4")
int on_dns_connect4(struct bpf_sock_addr *ctx)
{
	dns_user(ctx->sk, ctx->user_port);
	return 1;
}

SEC("cgroup/connect6")
int on_dns_connect6(struct bpf_sock_addr *ctx)
{
	dns_user(ctx->sk, ctx->user_port);
	return 1;
}

SEC("cgroup/sendmsg4")
int on_dns_sendmsg4(struct bpf_sock_addr *ctx)
{
	dns_user(ctx->sk, ctx->user_port);
	return 1;
}

SEC("cgroup/sendmsg6")
int on_dns_sendmsg6(struct bpf_sock_addr *ctx)
{
	dns_user(ctx->sk, ctx->user_port);
	return 1;
}

/* Who answers questions: what he asks for himself, he asks for others. */
static __always_inline void
dns_server(void)
{
	struct proc_key key;
	__u32 one = 1;

	key_of(&key, bpf_get_current_task_btf());
	if (!bpf_map_lookup_elem(&dns_servers, &key))
		bpf_map_update_elem(&dns_servers, &key, &one, BPF_ANY);
}

SEC("cgroup/post_bind4")
int on_dns_bind4(struct bpf_sock *sk)
{
	if (sk->src_port == DNS_PORT && dns_gate())
		dns_server();
	return 1;
}

SEC("cgroup/post_bind6")
int on_dns_bind6(struct bpf_sock *sk)
{
	if (sk->src_port == DNS_PORT && dns_gate())
		dns_server();
	return 1;
}

SEC("cgroup_skb/egress")
int on_dns_out(struct __sk_buff *skb)
{
	struct dns_packet p = {};
	struct dns_sock *s;
	struct bpf_sock *sk;

	if (!dns_ports(skb, true, &p)) {
		if (p.proto == IPPROTO_UDP && dns_from(skb, &p) && dns_gate())
			dns_server();
		return 1;
	}
	sk = skb->sk;
	if (!sk || !(sk = bpf_sk_fullsock(sk)) || !dns_gate() ||
	    !dns_payload(skb, &p))
		return 1;
	s = bpf_sk_storage_get(&dns_sock, sk, 0, p.proto == IPPROTO_TCP ?
	    BPF_SK_STORAGE_GET_F_CREATE : 0);
	if (p.proto == IPPROTO_TCP && (!s || !dns_stream(skb, &p, s, 0)))
		return 1;
	if (s)
		p.owner = s->owner;
	if (!p.owner.tgid)
		key_of(&p.owner, bpf_get_current_task_btf());
	p.netns = dns_netns(sk);
	dns_asks(skb, &p);
	return 1;
}

SEC("cgroup_skb/ingress")
int on_dns_in(struct __sk_buff *skb)
{
	struct dns_packet p = {};
	struct dns_sock *s;
	struct bpf_sock *sk;

	if (!dns_ports(skb, false, &p))
		return 1;
	sk = skb->sk;
	if (!sk || !(sk = bpf_sk_fullsock(sk)) || !dns_gate() ||
	    !dns_payload(skb, &p))
		return 1;
	if (p.proto == IPPROTO_TCP) {
		s = bpf_sk_storage_get(&dns_sock, sk, 0, 0);
		if (!s || !dns_stream(skb, &p, s, 1))
			return 1;
	}
	dns_answers(skb, &p);
	return 1;
}
