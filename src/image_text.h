/* SPDX-License-Identifier: BSD-2-Clause */
/* An executable and its arguments as the message shows them. */
#ifndef PIDTREED_IMAGE_TEXT_H
#define PIDTREED_IMAGE_TEXT_H

#include <stdbool.h>

#include "event.h"
#include "message.h"

struct conf;

struct image_text {
	struct str exe, script, cmd, cmdhash;
	int64_t cmdlen;		/* NUM_NONE: cmd has all of it */
	bool redacted;
	char mem[];
};

/* One allocation, the caller's; NULL: ENOMEM.  key: 32 secret bytes of this
   machine, so that a hash of a secret cannot be guessed back elsewhere. */
struct image_text *image_text_new(const struct image *, const struct conf *,
    const unsigned char key[32]);
/* The key: from /etc/machine-id, which is not for others to know
   (machine-id(5)); random where there is none. */
void image_text_key(unsigned char key[32]);

#endif
