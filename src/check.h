/* SPDX-License-Identifier: BSD-2-Clause */
/* What pidtreed does besides running: --check, --dump-config, --release. */
#ifndef PIDTREED_CHECK_H
#define PIDTREED_CHECK_H

struct conf;
struct rules;
struct cmdline;

/* Each returns the exit status of the program. */
int check_all(const struct conf *, const struct rules *);
int check_dump(const struct conf *);
int check_release(const struct cmdline *);

#endif
