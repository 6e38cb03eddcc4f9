/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Does a datagram look like the first of a QUIC connection? */
#ifndef PIDTREED_QUIC_H
#define PIDTREED_QUIC_H

#include "kernel.h"

/*
 * A client's first datagram has at least 1,200 bytes and begins with a long
 * header: its first two bits are set, then comes the version (RFC 9000, 14.1
 * and 17.2).  Known are 1, 2 (RFC 9369) and the last drafts.
 */
static __always_inline bool
is_quic(struct __sk_buff *skb)
{
	__u8 ip[10] = {}, quic[5] = {};
	__u32 at = 8, version;

	if (skb->len < 1200 || bpf_skb_load_bytes(skb, 0, ip, sizeof(ip)))
		return false;
	if (ip[0] >> 4 == 4 && ip[9] == IPPROTO_UDP)
		at += (ip[0] & 15) * 4;
	else if (ip[0] >> 4 == 6 && ip[6] == IPPROTO_UDP)
		at += 40;
	else
		return false;
	if (skb->len < at + 1200 ||
	    bpf_skb_load_bytes(skb, at, quic, sizeof(quic)))
		return false;
	version = (__u32)quic[1] << 24 | quic[2] << 16 | quic[3] << 8 |
	    quic[4];
	return quic[0] >> 6 == 3 && (version == 1 || version == 0x6b3343cf ||
	    (version >= 0xff00001b && version <= 0xff000022));
}

#endif
