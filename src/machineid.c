/* SPDX-License-Identifier: BSD-2-Clause */
/* The ids of the machine and its boot; see machineid.h. */
#include "machineid.h"

#include <ctype.h>
#include <sha2.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cloud.h"

/* 32 hex digits, with or without dashes. */
static int
read_hex(const char *s, uint8_t out[16])
{
	unsigned n = 0;

	memset(out, 0, 16);
	for (; *s != '\0' && n < 32; s++) {
		if (*s == '-')
			continue;
		if (!isxdigit((unsigned char)*s))
			return -1;
		out[n / 2] |= (isdigit((unsigned char)*s) ? *s - '0' :
		    tolower((unsigned char)*s) - 'a' + 10) << (n % 2 ? 0 : 4);
		n++;
	}
	return n == 32 && *s == '\0' ? 0 : -1;
}

/* HMAC-SHA-256 (RFC 2104) of two 16-byte values. */
static void
hmac(const uint8_t key[16], const uint8_t msg[16],
    uint8_t out[SHA256_DIGEST_LENGTH])
{
	uint8_t pad[SHA256_BLOCK_LENGTH];
	SHA2_CTX ctx;

	memset(pad, 0x36, sizeof(pad));
	for (int i = 0; i < 16; i++)
		pad[i] ^= key[i];
	SHA256Init(&ctx);
	SHA256Update(&ctx, pad, sizeof(pad));
	SHA256Update(&ctx, msg, 16);
	SHA256Final(out, &ctx);
	for (size_t i = 0; i < sizeof(pad); i++)
		pad[i] ^= 0x36 ^ 0x5c;
	SHA256Init(&ctx);
	SHA256Update(&ctx, pad, sizeof(pad));
	SHA256Update(&ctx, out, SHA256_DIGEST_LENGTH);
	SHA256Final(out, &ctx);
}

/* As sd_id128_get_machine_app_specific(3): the machine's id is the key, the
   application's is the message; 128 bits of it, made a version 4 UUID. */
char *
machineid_derived(const char *root)
{
	uint8_t machine[16], app[16], out[SHA256_DIGEST_LENGTH];
	char *line = cloud_line(root, "/etc/machine-id");
	char hex[33];
	int r = line != NULL ? read_hex(line, machine) : -1;

	free(line);
	if (r == -1)
		return NULL;
	read_hex(MACHINEID_APP, app);
	hmac(machine, app, out);
	out[6] = (out[6] & 0x0f) | 0x40;
	out[8] = (out[8] & 0x3f) | 0x80;
	for (int i = 0; i < 16; i++)
		snprintf(hex + 2 * i, 3, "%02x", out[i]);
	return strdup(hex);
}

void
machineid_boot(const char *root, char out[17])
{
	char *line = cloud_line(root, "/proc/sys/kernel/random/boot_id");
	uint8_t id[16];

	out[0] = '\0';
	if (line != NULL && read_hex(line, id) == 0)
		for (int i = 0; i < 8; i++)
			snprintf(out + 2 * i, 3, "%02x", id[i]);
	free(line);
}
