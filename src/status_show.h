/* SPDX-License-Identifier: BSD-2-Clause */
/* pidtree status: how the collector is, for people, for programs, and for
   Prometheus. */
#ifndef PIDTREED_STATUS_SHOW_H
#define PIDTREED_STATUS_SHOW_H

struct fjson_object;
struct term;

int status_main(int argc, char *argv[]);
/* status_text.c, status_metrics.c: what is in "status", which is checked
   nowhere: what is missing is left out. */
void status_text(struct term *, struct fjson_object *);
void status_metrics(struct term *, struct fjson_object *);

#endif
