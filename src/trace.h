/* SPDX-License-Identifier: BSD-2-Clause */
/* pidtree trace: messages as they are written, from the control socket. */
#ifndef PIDTREED_TRACE_H
#define PIDTREED_TRACE_H

int trace_main(int argc, char *argv[]);

#endif
