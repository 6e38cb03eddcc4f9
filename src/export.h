/* SPDX-License-Identifier: BSD-2-Clause */
/* pidtree export: messages in the forms that others want. */
#ifndef PIDTREED_EXPORT_H
#define PIDTREED_EXPORT_H

int export_main(int argc, char *argv[]);

#endif
