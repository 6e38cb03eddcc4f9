/* SPDX-License-Identifier: BSD-2-Clause */
/* io_uring's connect by hand, for the load generator: no library wanted. */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/io_uring.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "load.h"

struct ring {
	int fd;
	struct io_uring_params p;
	char *sq, *cq;
	struct io_uring_sqe *sqe;
};

static void *
map(int fd, size_t size, off_t what)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_POPULATE, fd, what);

	if (p == MAP_FAILED)
		fail("io_uring mmap");
	return p;
}

static void
ring_open(struct ring *r, enum uring_how how)
{
	memset(r, 0, sizeof(*r));
	if (how == URING_SQPOLL) {
		r->p.flags = IORING_SETUP_SQPOLL;
		r->p.sq_thread_idle = 2000;
	}
	if ((r->fd = syscall(SYS_io_uring_setup, 4, &r->p)) < 0)
		fail("io_uring_setup");
	r->sq = map(r->fd, r->p.sq_off.array + r->p.sq_entries * 4,
	    IORING_OFF_SQ_RING);
	r->cq = map(r->fd, r->p.cq_off.cqes + r->p.cq_entries *
	    sizeof(struct io_uring_cqe), IORING_OFF_CQ_RING);
	r->sqe = map(r->fd, r->p.sq_entries * sizeof(*r->sqe),
	    IORING_OFF_SQES);
}

static void
submit(struct ring *r, enum uring_how how)
{
	uint32_t *tail = (uint32_t *)(r->sq + r->p.sq_off.tail);
	uint32_t *flags = (uint32_t *)(r->sq + r->p.sq_off.flags);
	unsigned enter = IORING_ENTER_GETEVENTS;

	((uint32_t *)(r->sq + r->p.sq_off.array))[0] = 0;
	__atomic_store_n(tail, *tail + 1, __ATOMIC_SEQ_CST);
	if (how == URING_SQPOLL &&
	    __atomic_load_n(flags, __ATOMIC_SEQ_CST) & IORING_SQ_NEED_WAKEUP)
		enter |= IORING_ENTER_SQ_WAKEUP;
	while (syscall(SYS_io_uring_enter, r->fd, how == URING_SQPOLL ? 0 : 1,
	    1, enter, NULL, 0) < 0)
		if (errno != EINTR)
			fail("io_uring_enter");
}

int
uring_connect(enum uring_how how, int fd, const struct sockaddr *sa,
    unsigned len)
{
	struct io_uring_cqe *cqe;
	struct ring r;
	int error;

	ring_open(&r, how);
	r.sqe->opcode = IORING_OP_CONNECT;
	r.sqe->fd = fd;
	r.sqe->addr = (uintptr_t)sa;
	r.sqe->off = len;
	r.sqe->flags = how == URING_ASYNC ? IOSQE_ASYNC : 0;
	submit(&r, how);
	cqe = (struct io_uring_cqe *)(r.cq + r.p.cq_off.cqes);
	error = -cqe->res;
	close(r.fd);
	return error;
}
