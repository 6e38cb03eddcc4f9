/* SPDX-License-Identifier: BSD-2-Clause */
/* Bounded text; see buf.h. */
#include "buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void
buf_init(struct buf *b, char *mem, size_t size)
{
	b->p = mem;
	b->len = 0;
	b->size = size;
	b->full = false;
}

void
buf_add(struct buf *b, const void *s, size_t n)
{
	if (b->full || n > b->size - b->len) {
		b->full = true;
		return;
	}
	memcpy(b->p + b->len, s, n);
	b->len += n;
}

void
buf_addc(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}

void
buf_adds(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void
buf_addu(struct buf *b, uint64_t u)
{
	char digits[20], *p = digits + sizeof(digits);

	do
		*--p = '0' + u % 10;
	while ((u /= 10) != 0);
	buf_add(b, p, digits + sizeof(digits) - p);
}

void
buf_addf(struct buf *b, const char *fmt, ...)
{
	size_t room = b->size - b->len;
	va_list ap;
	int n;

	if (b->full)
		return;
	va_start(ap, fmt);
	n = vsnprintf(b->p + b->len, room, fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= room)
		b->full = true;
	else
		b->len += n;
}

const char *
buf_cstr(struct buf *b)
{
	if (b->full || b->len == b->size)
		return NULL;
	b->p[b->len] = '\0';
	return b->p;
}
