/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A message as a document of the Elastic Common Schema, by the table of
 * places: nested objects, numbers as numbers, what is not known is absent.
 * Values are those of the log: what is no character is \xHH.
 */
#ifndef PIDTREED_ECS_H
#define PIDTREED_ECS_H

#include <libfastjson/json.h>

#include "message.h"

/* Owned by the caller (fjson_object_put).  NULL: no memory. */
struct fjson_object *ecs_document(const struct message *);
/* A string of a document: bytes as text_escape writes them.  As above. */
struct fjson_object *ecs_string(struct str);

#endif
