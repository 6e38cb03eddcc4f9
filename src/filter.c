/* SPDX-License-Identifier: BSD-2-Clause */
/* A filter that was built: what it decides, how it is described; see
   filter.h.  filterbuild.c makes it. */
#include "filter.h"

#include <arpa/inet.h>
#include <sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ports.h"

static bool
admits(const struct filter *f, const struct filter_value *v, uint16_t port)
{
	bool applies = v == NULL || v->portset == 0 ||
	    ports_has(&f->sets[v->portset], port);

	return (v == NULL || v->log) == applies && ports_has(&f->sets[0], port);
}

bool
filter_decide(const struct filter *f, const struct in6_addr *addr,
    uint16_t port)
{
	struct in6_addr a = prefix_judged(addr);
	const struct filter_value *best = NULL;
	unsigned len = 0;

	if (IN6_IS_ADDR_V4MAPPED(&a)) {
		for (size_t i = 0; i < f->n4; i++)
			if (prefix_bits(f->v4[i].key.addr, a.s6_addr + 12,
			    f->v4[i].key.prefixlen) &&
			    (best == NULL || f->v4[i].key.prefixlen > len)) {
				best = &f->v4[i].value;
				len = f->v4[i].key.prefixlen;
			}
	} else {
		for (size_t i = 0; i < f->n6; i++)
			if (prefix_bits(f->v6[i].key.addr, a.s6_addr,
			    f->v6[i].key.prefixlen) &&
			    (best == NULL || f->v6[i].key.prefixlen > len)) {
				best = &f->v6[i].value;
				len = f->v6[i].key.prefixlen;
			}
	}
	return admits(f, best, port);
}

static void
write_value(FILE *out, const struct filter *f, const struct filter_value *v)
{
	if (v->portset != 0) {
		fputs(" only ", out);
		ports_write(&f->sets[v->portset], out);
	}
}

/* All prefixes that log, or all that do not, each list in address order. */
static void
write_list(FILE *out, const struct filter *f, bool log)
{
	char s[INET6_ADDRSTRLEN];

	for (size_t i = 0; i < f->n4; i++) {
		if (f->v4[i].value.log != log)
			continue;
		inet_ntop(AF_INET, f->v4[i].key.addr, s, sizeof(s));
		fprintf(out, " %s/%u", s, f->v4[i].key.prefixlen);
		write_value(out, f, &f->v4[i].value);
	}
	for (size_t i = 0; i < f->n6; i++) {
		if (f->v6[i].value.log != log)
			continue;
		inet_ntop(AF_INET6, f->v6[i].key.addr, s, sizeof(s));
		fprintf(out, " %s/%u", s, f->v6[i].key.prefixlen);
		write_value(out, f, &f->v6[i].value);
	}
}

/*
 * Words of the configuration, so that a reader needs no other grammar:
 * `ports P; exclude PREFIX [only PORTS] ...; include PREFIX [only PORTS] ...`,
 * and `; containers exclude KEY=PATTERN ... | ...; include ...`.
 * Unbounded, hence a stream.
 */
static char *
whole_text(const struct filter *f, size_t *len)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, len);

	if (out == NULL)
		return NULL;
	fputs("ports ", out);
	ports_write(&f->sets[0], out);
	fputs("; exclude", out);
	write_list(out, f, false);
	fputs("; include", out);
	write_list(out, f, true);
	if (f->boxes != NULL)
		fprintf(out, "; containers %s", f->boxes);
	if (ferror(out) | fclose(out)) {
		free(text);
		return NULL;
	}
	return text;
}

/* Between two prefixes, so that what is left is right as far as it goes. */
static void
cut(char *text, size_t max)
{
	static const char mark[] = " ...";
	size_t at = strlen("ports"), end = max - strlen(mark);

	for (size_t i = at; i <= end; i++)
		if (text[i] == ' ' && memchr(text + i + 1, '/',
		    strcspn(text + i + 1, " ")) != NULL)
			at = i;
	strcpy(text + at, mark);
}

int
filter_describe(struct filter *f)
{
	uint8_t digest[SHA256_DIGEST_LENGTH];
	size_t len;
	SHA2_CTX ctx;

	f->text = whole_text(f, &len);
	if (f->text == NULL)
		return -1;
	SHA256Init(&ctx);
	SHA256Update(&ctx, (const uint8_t *)f->text, len);
	SHA256Final(digest, &ctx);
	for (size_t i = 0; i < sizeof(f->hash) / 2; i++)
		snprintf(f->hash + 2 * i, 3, "%02x", digest[i]);
	if (len > FILTER_TEXT)
		cut(f->text, FILTER_TEXT);
	return 0;
}

void
filter_free(struct filter *f)
{
	if (f == NULL)
		return;
	free(f->v4);
	free(f->v6);
	free(f->sets);
	free(f->text);
	free(f->boxes);
	free(f);
}
