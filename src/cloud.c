/* SPDX-License-Identifier: BSD-2-Clause */
/* Which machine of which cloud this is; see cloud.h. */
#include "cloud.h"

#include <ctype.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libfastjson/json.h>

#define INSTANCE_DATA	"/run/cloud-init/instance-data.json"
#define DMI		"/sys/class/dmi/id/"
#define INSTANCE_MAX	(4 << 20)	/* bytes; usual are 20 kB */
#define VALUE_MAX	256		/* bytes of an id, a name */

static FILE *
open_below(const char *root, const char *path)
{
	char full[PATH_MAX];

	if ((size_t)snprintf(full, sizeof(full), "%s%s", root, path) >=
	    sizeof(full))
		return NULL;
	return fopen(full, "re");
}

char *
cloud_line(const char *root, const char *path)
{
	FILE *f = open_below(root, path);
	char line[VALUE_MAX + 2];
	size_t n = 0;

	if (f == NULL)
		return NULL;
	if (fgets(line, sizeof(line), f) != NULL)
		n = strlen(line);
	fclose(f);
	while (n > 0 && isspace((unsigned char)line[n - 1]))
		n--;
	return n > 0 && n <= VALUE_MAX ? strndup(line, n) : NULL;
}

/* Printable, without blanks: what cloud-init has put in place of a value it
   hides ("redacted for non-root user") is not one. */
static bool
is_id(const char *s)
{
	const char *p;

	for (p = s; *p > ' ' && *p <= '~'; p++)
		;
	return *p == '\0' && p > s && p - s <= VALUE_MAX;
}

static struct fjson_object *
read_json(const char *root, const char *path)
{
	FILE *f = open_below(root, path);
	struct fjson_object *o = NULL;
	char *text;
	size_t n;

	if (f == NULL)
		return NULL;
	text = malloc(INSTANCE_MAX + 1);
	if (text != NULL) {
		n = fread(text, 1, INSTANCE_MAX, f);
		text[n] = '\0';
		o = fjson_tokener_parse(text);
		free(text);
	}
	fclose(f);
	return o;
}

/* The id at the path of keys, which ends with NULL. */
static char *
take(struct fjson_object *o, const char *const keys[])
{
	for (; *keys != NULL; keys++)
		if (!fjson_object_is_type(o, fjson_type_object) ||
		    !fjson_object_object_get_ex(o, *keys, &o))
			return NULL;
	if (!fjson_object_is_type(o, fjson_type_string) ||
	    !is_id(fjson_object_get_string(o)))
		return NULL;
	return strdup(fjson_object_get_string(o));
}

/* No cloud, and an instance id that is the same on every clone. */
static bool
is_cloud(const char *name)
{
	static const char *const no[] = { "none", "nocloud", "unknown",
	    "fallback", "not-run" };

	for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++)
		if (strcasecmp(name, no[i]) == 0)
			return false;
	return true;
}

static void
replace(char **old, char *new)
{
	if (new == NULL)
		return;
	free(*old);
	*old = new;
}

#define TAKE(...) take(o, (const char *const[]){ __VA_ARGS__, NULL })

/* Its v1 keys are standardized; what stands below ds is each cloud's own. */
static void
read_instance_data(struct cloud *c, const char *root)
{
	struct fjson_object *o = read_json(root, INSTANCE_DATA);
	char *name = o != NULL ? TAKE("v1", "cloud_name") : NULL;

	if (name != NULL && is_cloud(name)) {
		replace(&c->name, strdup(name));
		replace(&c->instance, TAKE("v1", "instance_id"));
		replace(&c->region, TAKE("v1", "region"));
		replace(&c->account, TAKE("ds", "dynamic",
		    "instance-identity", "document", "accountId"));
		replace(&c->machine, TAKE("ds", "dynamic",
		    "instance-identity", "document", "instanceType"));
		replace(&c->account, TAKE("ds", "meta_data", "imds",
		    "compute", "subscriptionId"));
		replace(&c->machine, TAKE("ds", "meta_data", "imds",
		    "compute", "vmSize"));
	}
	free(name);
	if (o != NULL)
		fjson_object_put(o);
}

static bool
dmi_is(const char *root, const char *path, const char *value)
{
	char *line = cloud_line(root, path);
	const bool is = line != NULL && strcmp(line, value) == 0;

	free(line);
	return is;
}

static char *
dmi_id(const char *root, const char *path, const char *prefix)
{
	char *id = cloud_line(root, path), *p;

	if (id != NULL && is_id(id) &&
	    strncmp(id, prefix, strlen(prefix)) == 0) {
		for (p = id; *p != '\0'; p++)
			*p = tolower((unsigned char)*p);
		return id;
	}
	free(id);
	return NULL;
}

/* Nitro: the instance's id is the board's asset tag.  Azure's machines all
   have the same chassis tag; the UUID is the machine's own and only root
   can read it.  Google's firmware has no instance id. */
static void
read_dmi(struct cloud *c, const char *root)
{
	replace(&c->machine, cloud_line(root, DMI "product_name"));
	if (dmi_is(root, DMI "sys_vendor", "Amazon EC2")) {
		replace(&c->name, strdup("aws"));
		replace(&c->instance,
		    dmi_id(root, DMI "board_asset_tag", "i-"));
	} else if (dmi_is(root, DMI "product_name",
	    "Google Compute Engine")) {
		replace(&c->name, strdup("gce"));
	} else if (dmi_is(root, DMI "chassis_asset_tag",
	    "7783-7084-3265-9085-8269-3286-77")) {
		replace(&c->name, strdup("azure"));
		replace(&c->instance, dmi_id(root, DMI "product_uuid", ""));
	}
}

void
cloud_read(struct cloud *c, const char *root)
{
	read_dmi(c, root);
	read_instance_data(c, root);
}

void
cloud_clear(struct cloud *c)
{
	free(c->name);
	free(c->instance);
	free(c->account);
	free(c->region);
	free(c->machine);
	memset(c, 0, sizeof(*c));
}
