/* SPDX-License-Identifier: BSD-2-Clause */
/* pidtree show: messages as trees. */
#ifndef PIDTREED_SHOW_H
#define PIDTREED_SHOW_H

int show_main(int argc, char *argv[]);

#endif
