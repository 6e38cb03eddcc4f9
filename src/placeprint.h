/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of places, for programs that make tables of their own of it. */
#ifndef PIDTREED_PLACEPRINT_H
#define PIDTREED_PLACEPRINT_H

/* On standard output: a row a field, then a row a message, tabs between. */
void placeprint(void);

#endif
