/* SPDX-License-Identifier: BSD-2-Clause */
/* pidtree lookup: from a finding to the processes behind it. */
#ifndef PIDTREED_LOOKUP_H
#define PIDTREED_LOOKUP_H

int lookup_main(int argc, char *argv[]);

#endif
