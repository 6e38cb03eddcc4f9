/* SPDX-License-Identifier: BSD-2-Clause */
/* What reading rules needs besides YAML. */
#ifndef PIDTREED_RULES_YAML_H
#define PIDTREED_RULES_YAML_H

#include <stdbool.h>

#include "yamlfile.h"

/*
 * The place in the file of a character (from 1) of the scalar `text`, which
 * is written there in this style between these marks.  False: it is written
 * with escapes, or the like, and cannot be told.
 */
bool rules_yaml_locate(const struct yamlfile *, int style,
    const yaml_mark_t *from, const yaml_mark_t *end, const char *text,
    unsigned column, yaml_mark_t *at);

#endif
