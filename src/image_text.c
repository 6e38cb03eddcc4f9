/* SPDX-License-Identifier: BSD-2-Clause */
/* An executable and its arguments as text; see image_text.h. */
#include "image_text.h"

#include <sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "conf.h"
#include "redact.h"
#include "rfc5424.h"
#include "text.h"

#define SHOWN	(4 * RFC5424_VALUE)

void
image_text_key(unsigned char key[32])
{
	char id[64] = "pidtreed cmdhash:";
	size_t n = strlen(id);
	FILE *f = fopen("/etc/machine-id", "re");
	SHA2_CTX ctx;

	if (f != NULL && fgets(id + n, sizeof(id) - n, f) != NULL) {
		SHA256Init(&ctx);
		SHA256Update(&ctx, (const uint8_t *)id, strlen(id));
		SHA256Final(key, &ctx);
	} else if (getrandom(key, 32, 0) != 32)
		memset(key, 0, 32);
	if (f != NULL)
		fclose(f);
}

static void
put_exe(struct buf *b, const struct image *image)
{
	if (image->exe_off >= EXE_LEN)
		return;
	if (image->flags & IMAGE_EXE_CUT)
		buf_adds(b, "...");
	buf_add(b, image->exe + image->exe_off, EXE_LEN - image->exe_off);
	if (image->flags & IMAGE_DELETED)
		buf_adds(b, " (deleted)");
}

/* What exec was given, unless it only names exe through merged /usr. */
static void
put_script(struct buf *b, const struct image *image)
{
	const char *exe = image->exe + image->exe_off;
	size_t n = EXE_LEN - image->exe_off;
	size_t len = strnlen(image->script, SCRIPT_LEN);

	if (len == 0 || image->flags & IMAGE_EXE_CUT ||
	    (len == n && memcmp(exe, image->script, n) == 0) ||
	    (len + 4 == n && memcmp(exe, "/usr", 4) == 0 &&
	    memcmp(exe + 4, image->script, len) == 0))
		return;
	buf_add(b, image->script, len);
	if (image->flags & IMAGE_SCRIPT_CUT)
		buf_adds(b, "...");
}

static void
put_hash(struct buf *b, const struct image *image,
    const unsigned char key[32])
{
	uint8_t digest[SHA256_DIGEST_LENGTH];
	SHA2_CTX ctx;

	SHA256Init(&ctx);
	SHA256Update(&ctx, key, 32);
	SHA256Update(&ctx, (const uint8_t *)image->args, image->args_have);
	SHA256Final(digest, &ctx);
	for (int i = 0; i < 8; i++)
		buf_addf(b, "%02x", digest[i]);
}

/* The arguments as the configuration wants them; true if redacted. */
static bool
put_cmd(struct buf *b, const struct image *image, const struct conf *conf)
{
	char mem[4 * ARGS_LEN];
	const char *args = image->args;
	size_t n = image->args_have;
	struct buf clean;
	bool redacted = false;

	if (conf->cmd == CMD_NONE)
		return false;
	if (conf->cmd == CMD_ARGV0)
		n = strnlen(args, n);
	else if (conf->cmd == CMD_REDACTED) {
		buf_init(&clean, mem, sizeof(mem));
		redacted = redact_args(conf->redact, args, n, &clean);
		args = mem;
		n = clean.len;
	}
	text_quote_args(b, args, n);
	return redacted;
}

struct image_text *
image_text_new(const struct image *image, const struct conf *conf,
    const unsigned char key[32])
{
	char exe[EXE_LEN + 32], script[SCRIPT_LEN + 8], cmd[SHOWN], hash[17];
	struct buf e, s, c, h;
	struct image_text *t;
	bool redacted;
	char *p;

	buf_init(&e, exe, sizeof(exe));
	buf_init(&s, script, sizeof(script));
	buf_init(&c, cmd, sizeof(cmd));
	buf_init(&h, hash, sizeof(hash));
	put_exe(&e, image);
	put_script(&s, image);
	redacted = put_cmd(&c, image, conf);
	if (redacted)
		put_hash(&h, image, key);
	t = malloc(sizeof(*t) + e.len + s.len + c.len + h.len);
	if (t == NULL)
		return NULL;
	p = t->mem;
#define KEEP(member, b) do {						\
		t->member = b.len > 0 ? (struct str){ p, b.len } :	\
		    (struct str){ NULL, 0 };				\
		memcpy(p, b.p, b.len);					\
		p += b.len;						\
	} while (0)
	KEEP(exe, e);
	KEEP(script, s);
	KEEP(cmd, c);
	KEEP(cmdhash, h);
#undef KEEP
	t->redacted = redacted;
	t->cmdlen = image->args_len > image->args_have || c.full ?
	    (int64_t)image->args_len : NUM_NONE;
	return t;
}
