/* SPDX-License-Identifier: BSD-2-Clause */
/* From the text of one YAML file to values and lists of the configuration. */
#ifndef PIDTREED_CONFYAML_H
#define PIDTREED_CONFYAML_H

#include <stddef.h>

#include "conf.h"

#define TROUBLES	20	/* lines of complaint before it is given up */

/* Returns the number of troubles, after one line for each. */
unsigned confyaml_read(struct conf *, const char *name, const char *text,
    size_t n);

#endif
