/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What is counted in the kernel, one row each: name, class, meaning.  Class L
 * is a loss: an event or a part of one is missing from the log.  Class S is a
 * skip: intended.  Class I is information.
 */
#ifndef PIDTREED_COUNTER_H
#define PIDTREED_COUNTER_H

#define COUNTERS(X) \
	X(attempts,	I, "outbound TCP attempts that passed the filter") \
	X(filtered,	S, "outbound TCP attempts that the filter excluded") \
	X(digested,	I, "attempts told in a DIGEST alone") \
	X(storms_full,	I, "attempts logged for want of room to count") \
	X(attempts_full,L, "attempts not recorded: the maps were full") \
	X(nomark,	I, "attempts without outcome: socket storage refused") \
	X(norecord,	I, "attempts whose process had no record") \
	X(repair,	I, "attempts under TCP_REPAIR") \
	X(udp_sessions,	I, "UDP sessions that were logged") \
	X(udp_filtered,	S, "datagrams that the filter excluded") \
	X(udp_untracked, I, "datagrams for which there was no more session") \
	X(udp_full,	L, "datagrams not recorded: the map was full") \
	X(udp_shared,	L, "datagrams not recorded: a share was used up") \
	X(stale,	L, "attempts whose outcome never came") \
	X(dns_questions, I, "DNS questions seen") \
	X(dns_counted,	I, "DNS questions told in a DIGEST alone") \
	X(dns_full,	L, "DNS questions not recorded: a map was full") \
	X(dns_unread,	I, "DNS answers without use: their ring was full") \
	X(dns_odd,	L, "questions to port 53 that could not be read") \
	X(accepts,	I, "inbound TCP connections to the ports of accept") \
	X(accepts_unknown, L, "listening sockets not followed: no storage") \
	X(listens,	I, "sockets that began to listen") \
	X(binds,	I, "UDP sockets bound to a port") \
	X(snapshots,	I, "sockets that were there before, and were told") \
	X(snapshot_full,L, "sockets left out of it: storage refused") \
	X(exec_logged,	I, "executions logged, failed ones included") \
	X(exec_bare,	L, "executions, lines, opens without what is beside") \
	X(lines,	I, "lines typed into shells, logged") \
	X(checks_full,	L, "checks of capabilities not counted: no room") \
	X(opens,	I, "opens of what may be watched, seen") \
	X(escapes,	I, "containers' processes seen outside of them") \
	X(endings,	I, "ends of what was logged") \
	X(endings_full,	L, "ends not recorded: the maps were full") \
	X(ring_full,	I, "attempts announced late: the ring was full") \
	X(forks,	I, "processes recorded at fork") \
	X(execs,	I, "executions recorded") \
	X(exits,	I, "thread groups seen leaving") \
	X(procs_full,	L, "processes not recorded: map full or no memory") \
	X(images_full,	L, "executions not recorded: map full or no memory") \
	X(no_args,	L, "arguments that could not be read at exec") \
	X(spliced,	I, "exited generations removed from long lines") \
	X(deferred,	I, "reference cascades continued later") \
	X(deferred_full,L, "reference cascades given up: queue full") \
	X(seeded,	I, "processes recorded by a pass over all tasks") \
	X(dead_full,	L, "records of exited processes not kept: no memory") \
	X(swept,	I, "records of vanished processes found by a pass")

enum counter_class { COUNTER_I, COUNTER_S, COUNTER_L };

enum counter {
#define X(name, cls, doc) COUNTER_##name,
	COUNTERS(X)
#undef X
	NCOUNTERS
};

#endif
