/* SPDX-License-Identifier: BSD-2-Clause */
/* Proxies that the system's environment names: are they listed? */
#ifndef PIDTREED_PROXYENV_H
#define PIDTREED_PROXYENV_H

struct conf;

/*
 * One warning for each proxy in file (as /etc/environment; none is fine) and
 * in this process's environment that `proxy` has not.  Names are not
 * resolved: a proxy with the same port is taken for the one that is meant.
 * Returns the number of warnings.
 */
unsigned proxyenv_warn(const struct conf *, const char *file);

#endif
