/* SPDX-License-Identifier: BSD-2-Clause */
/* pidtree act: does something about what was raised; for rsyslogd's omprog. */
#ifndef PIDTREED_ACT_H
#define PIDTREED_ACT_H

int act_main(int argc, char *argv[]);

#endif
