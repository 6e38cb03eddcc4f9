/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers, times and addresses as text, and back.  Written out by hand: each
   message has a dozen of them, and printf costs more than all the rest. */
#include "text.h"

#include <arpa/inet.h>
#include <string.h>

#define SECOND		INT64_C(1000000)
#define DAY		(86400 * SECOND)
/* 0000-01-01 and 10000-01-01, days from 1970. */
#define DAYS_FIRST	INT64_C(-719528)
#define DAYS_END	INT64_C(2932897)

static const char pairs[] =
    "00010203040506070809101112131415161718192021222324252627282930313233343536"
    "37383940414243444546474849505152535455565758596061626364656667686970717273"
    "7475767778798081828384858687888990919293949596979899";

static char *
put2(char *p, unsigned v)
{
	memcpy(p, pairs + 2 * v, 2);
	return p + 2;
}

char *
text_put_uint(char *out, uint64_t u)
{
	char digits[20], *p = digits + sizeof(digits);

	for (; u >= 100; u /= 100)
		put2(p -= 2, u % 100);
	if (u >= 10)
		put2(p -= 2, u);
	else
		*--p = '0' + u;
	while (p < digits + sizeof(digits))
		*out++ = *p++;
	return out;
}

int64_t
text_parse_uint(const char *s, size_t n)
{
	uint64_t v = 0;
	size_t i;

	if (n == 0 || n > 19)
		return NUM_NONE;
	for (i = 0; i < n; i++) {
		if (s[i] < '0' || s[i] > '9')
			return NUM_NONE;
		v = v * 10 + (s[i] - '0');
	}
	return v > INT64_MAX ? NUM_NONE : (int64_t)v;
}

/*
 * Days since 1970 and the proleptic Gregorian calendar.  The year begins in
 * March, so the leap day comes last; an era is 400 years, 146097 days.
 */
static int64_t
days_of(int64_t y, unsigned m, unsigned d)
{
	int64_t era, doe, yoe, doy;

	y -= m <= 2;
	era = (y >= 0 ? y : y - 399) / 400;
	yoe = y - era * 400;
	doy = (153 * (m > 2 ? m - 3 : m + 9) + 2) / 5 + d - 1;
	doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
	return era * 146097 + doe - 719468;
}

static char *
put_date(char *p, int64_t days)
{
	int64_t z = days + 719468;
	int64_t era = (z >= 0 ? z : z - 146096) / 146097;
	unsigned doe = z - era * 146097;
	unsigned yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	unsigned doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	unsigned mp = (5 * doy + 2) / 153;
	unsigned m = mp < 10 ? mp + 3 : mp - 9;
	unsigned y = yoe + era * 400 + (m <= 2);

	p = put2(p, y / 100);
	p = put2(p, y % 100);
	*p++ = '-';
	p = put2(p, m);
	*p++ = '-';
	return put2(p, doy - (153 * mp + 2) / 5 + 1);
}

size_t
text_put_time(char out[TEXT_TIME], int64_t us, int digits)
{
	struct text_day day = { .days = DAYS_END };

	return text_put_time_of(&day, out, us, digits);
}

size_t
text_put_time_of(struct text_day *day, char out[TEXT_TIME], int64_t us,
    int digits)
{
	int64_t days = us / DAY - (us % DAY < 0);
	unsigned sec, frac;
	char *p = out;

	if (us == NUM_NONE || days < DAYS_FIRST || days >= DAYS_END)
		return 0;
	us -= days * DAY;
	sec = us / SECOND;
	frac = us % SECOND;
	if (days != day->days) {
		put_date(day->date, days);
		day->days = days;
	}
	memcpy(p, day->date, sizeof(day->date));
	p += sizeof(day->date);
	*p++ = 'T';
	p = put2(p, sec / 3600);
	*p++ = ':';
	p = put2(p, sec / 60 % 60);
	*p++ = ':';
	p = put2(p, sec % 60);
	*p++ = '.';
	p = put2(p, frac / 10000);
	p = put2(p, frac / 100 % 100);
	p = put2(p, frac % 100);
	p -= 6 - digits;
	*p++ = 'Z';
	return p - out;
}

void
text_time(struct buf *b, int64_t us, int digits)
{
	char s[TEXT_TIME];

	buf_add(b, s, text_put_time(s, us, digits));
}

/* Exactly n digits at *s, which moves behind them; -1: not so. */
static int
take(const char **s, const char *end, int n)
{
	int v = 0;

	if (end - *s < n)
		return -1;
	for (; n > 0; n--, (*s)++) {
		if (**s < '0' || **s > '9')
			return -1;
		v = v * 10 + **s - '0';
	}
	return v;
}

/* As take, and the character that must follow; a letter in either case. */
static int
take_then(const char **s, const char *end, int n, char then)
{
	int v = take(s, end, n);

	if (v < 0 || *s == end ||
	    (**s != then && (then < 'A' || **s != (then | 0x20))))
		return -1;
	(*s)++;
	return v;
}

/* ".1" to any number of digits; what is finer than a microsecond is cut. */
static int64_t
take_fraction(const char **s, const char *end)
{
	int64_t us = 0, unit = SECOND / 10;

	if (*s == end || **s != '.')
		return 0;
	if (++*s == end || **s < '0' || **s > '9')
		return -1;
	for (; *s < end && **s >= '0' && **s <= '9'; (*s)++, unit /= 10)
		us += (**s - '0') * unit;
	return us;
}

/* "Z" or "+hh:mm" and the end; in seconds. */
static int
take_offset(const char *s, const char *end, int *offset)
{
	int h, m, sign;

	*offset = 0;
	if (s == end)
		return -1;
	if (end - s == 1 && (*s == 'Z' || *s == 'z'))
		return 0;
	if (*s != '+' && *s != '-')
		return -1;
	sign = *s++ == '-' ? -1 : 1;
	h = take_then(&s, end, 2, ':');
	m = h < 0 ? -1 : take(&s, end, 2);
	if (h > 23 || m < 0 || m > 59 || s != end)
		return -1;
	*offset = sign * (h * 3600 + m * 60);
	return 0;
}

static int
days_in(int y, int m)
{
	static const unsigned char days[] = { 31, 28, 31, 30, 31, 30, 31, 31,
	    30, 31, 30, 31 };

	if (m == 2 && y % 4 == 0 && (y % 100 != 0 || y % 400 == 0))
		return 29;
	return days[m - 1];
}

int64_t
text_parse_time(const char *s, size_t n)
{
	const char *end = s + n;
	int y, mon, d, h, min, sec, offset;
	int64_t us;

	if ((y = take_then(&s, end, 4, '-')) < 0 ||
	    (mon = take_then(&s, end, 2, '-')) < 1 || mon > 12 ||
	    (d = take_then(&s, end, 2, 'T')) < 1 || d > days_in(y, mon) ||
	    (h = take_then(&s, end, 2, ':')) < 0 || h > 23 ||
	    (min = take_then(&s, end, 2, ':')) < 0 || min > 59 ||
	    (sec = take(&s, end, 2)) < 0 || sec > 60 ||
	    (us = take_fraction(&s, end)) < 0 ||
	    take_offset(s, end, &offset) < 0)
		return NUM_NONE;
	us += days_of(y, mon, d) * DAY +
	    (h * 3600 + min * 60 + sec - offset) * SECOND;
	/* The offset or a leap second can lead out of what can be written. */
	if (us < DAYS_FIRST * DAY || us >= DAYS_END * DAY)
		return NUM_NONE;
	return us;
}

static char *
put_hex16(char *p, unsigned v)
{
	int shift = v > 0xfff ? 12 : v > 0xff ? 8 : v > 0xf ? 4 : 0;

	for (; shift >= 0; shift -= 4)
		*p++ = "0123456789abcdef"[v >> shift & 15];
	return p;
}

/* The first of the longest runs of two or more zero groups (RFC 5952 4.2);
   -1: none. */
static int
zero_run(const unsigned g[8], int *len)
{
	int i, n, at = -1;

	*len = 1;
	for (i = 0; i < 8; i += n + 1) {
		for (n = 0; i + n < 8 && g[i + n] == 0; n++)
			;
		if (n > *len) {
			at = i;
			*len = n;
		}
	}
	return at;
}

static char *
put_addr6(char *p, const unsigned char *a)
{
	unsigned g[8];
	int i, at, len;

	for (i = 0; i < 8; i++)
		g[i] = a[2 * i] << 8 | a[2 * i + 1];
	at = zero_run(g, &len);
	for (i = 0; i < 8; i++) {
		if (i == at) {
			*p++ = ':';
			*p++ = ':';
			i += len - 1;
			continue;
		}
		if (i > 0 && i != at + len)
			*p++ = ':';
		p = put_hex16(p, g[i]);
	}
	return p;
}

size_t
text_put_addr(char out[TEXT_ADDR], const struct in6_addr *addr)
{
	const unsigned char *a = addr->s6_addr;
	char *p = out;
	int i;

	if (!IN6_IS_ADDR_V4MAPPED(addr))
		return put_addr6(out, a) - out;
	for (i = 12; i < 16; i++) {
		p = text_put_uint(p, a[i]);
		*p++ = '.';
	}
	return p - 1 - out;
}

void
text_addr(struct buf *b, const struct in6_addr *addr)
{
	char s[TEXT_ADDR];

	buf_add(b, s, text_put_addr(s, addr));
}

int
text_parse_addr(const char *s, size_t n, struct in6_addr *addr)
{
	char z[INET6_ADDRSTRLEN];

	if (n >= sizeof(z) || memchr(s, '\0', n) != NULL)
		return -1;
	memcpy(z, s, n);
	z[n] = '\0';
	if (inet_pton(AF_INET6, z, addr) == 1)
		return 0;
	if (inet_pton(AF_INET, z, addr->s6_addr + 12) != 1)
		return -1;
	memset(addr->s6_addr, 0, 10);
	memset(addr->s6_addr + 10, 0xff, 2);
	return 0;
}
