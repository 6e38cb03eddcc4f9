/* SPDX-License-Identifier: BSD-2-Clause */
/* pidtree forward: rsyslog's forwarding, written, checked, undone. */
#ifndef PIDTREED_FORWARD_H
#define PIDTREED_FORWARD_H

int forward_main(int argc, char *argv[]);

#endif
