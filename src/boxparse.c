/* SPDX-License-Identifier: BSD-2-Clause */
/* What the container runtimes' files say; see boxread.h. */
#include <string.h>

#include <libfastjson/json.h>

#include "boxread.h"
#include "text.h"

/* What a runtime's annotations, or docker's labels, are called. */
static const struct {
	const char *key;
	size_t at, size;	/* in struct box */
	bool pod;		/* only Kubernetes' own containers: others may
				   be labelled as anybody likes */
} notes[] = {
#define TO(m)	offsetof(struct box, m), sizeof(((struct box *)0)->m)
	{ "io.kubernetes.container.name", TO(name), true },
	{ "io.kubernetes.pod.name", TO(pod), true },
	{ "io.kubernetes.pod.namespace", TO(space), true },
	{ "io.kubernetes.cri.container-name", TO(name), true },
	{ "io.kubernetes.cri.image-name", TO(image), true },
	{ "io.kubernetes.cri.sandbox-name", TO(pod), true },
	{ "io.kubernetes.cri.sandbox-namespace", TO(space), true },
	{ "io.kubernetes.cri-o.UserRequestedImage", TO(image), true },
	{ "io.kubernetes.cri-o.ImageName", TO(image), true },
	{ "nerdctl/name", TO(name), false },
#undef TO
};

/* The first that says something holds; what is too long is cut between two
   characters. */
static void
set(char *to, size_t size, const char *s)
{
	size_t n = strlen(s), step, fits = 0;

	if (to[0] != '\0')
		return;
	while (fits < n) {
		step = text_char(s + fits, n - fits);
		step = step == 0 ? 1 : step;
		if (fits + step >= size)
			break;
		fits += step;
	}
	memcpy(to, s, fits);
	to[fits] = '\0';
}

static struct fjson_object *
member(struct fjson_object *o, const char *key)
{
	struct fjson_object *v;

	return o != NULL && fjson_object_is_type(o, fjson_type_object) &&
	    fjson_object_object_get_ex(o, key, &v) ? v : NULL;
}

static const char *
string(struct fjson_object *o, const char *key)
{
	struct fjson_object *v = member(o, key);

	return v != NULL && fjson_object_is_type(v, fjson_type_string) ?
	    fjson_object_get_string(v) : "";
}

static void
take_notes(struct fjson_object *o, bool pod, struct box *box)
{
	for (size_t i = 0; i < sizeof(notes) / sizeof(notes[0]); i++)
		if (pod || !notes[i].pod)
			set((char *)box + notes[i].at, notes[i].size,
			    string(o, notes[i].key));
}

static bool
docker(struct fjson_object *o, const struct box_request *q, struct box *box)
{
	struct fjson_object *config = member(o, "Config");
	const char *name = string(o, "Name");

	if (strcmp(string(o, "ID"), q->container) != 0)
		return false;
	take_notes(member(config, "Labels"), q->pod[0] != '\0', box);
	set(box->name, sizeof(box->name), name + (*name == '/'));
	set(box->image, sizeof(box->image), string(config, "Image"));
	return true;
}

static bool
oci(struct fjson_object *o, const struct box_request *q, struct box *box)
{
	struct fjson_object *annotations = member(o, "annotations");

	take_notes(annotations, q->pod[0] != '\0', box);
	return annotations != NULL &&
	    fjson_object_is_type(annotations, fjson_type_object);
}

/* The image's name is in a string that is JSON itself. */
static void
take_metadata(const char *text, struct box *box)
{
	struct fjson_object *o = fjson_tokener_parse(text);

	set(box->name, sizeof(box->name), string(o, "name"));
	set(box->image, sizeof(box->image), string(o, "image-name"));
	if (o != NULL)
		fjson_object_put(o);
}

static bool
storage(struct fjson_object *list, const struct box_request *q,
    struct box *box)
{
	struct fjson_object *o, *names, *name;

	if (!fjson_object_is_type(list, fjson_type_array))
		return false;
	for (int i = 0; i < fjson_object_array_length(list); i++) {
		o = fjson_object_array_get_idx(list, i);
		if (strcmp(string(o, "id"), q->container) != 0)
			continue;
		names = member(o, "names");
		name = names != NULL && fjson_object_is_type(names,
		    fjson_type_array) && fjson_object_array_length(names) > 0 ?
		    fjson_object_array_get_idx(names, 0) : NULL;
		if (name != NULL &&
		    fjson_object_is_type(name, fjson_type_string))
			set(box->name, sizeof(box->name),
			    fjson_object_get_string(name));
		take_metadata(string(o, "metadata"), box);
		return true;
	}
	return false;
}

static bool
parse(const struct box_text *t, const struct box_request *q, struct box *box)
{
	struct fjson_tokener *tok = fjson_tokener_new();
	struct fjson_object *o;
	bool found = false;

	if (tok == NULL)
		return false;
	o = fjson_tokener_parse_ex(tok, t->text, t->n);
	if (o != NULL)
		found = t->kind == BOX_DOCKER ? docker(o, q, box) :
		    t->kind == BOX_OCI ? oci(o, q, box) : storage(o, q, box);
	if (found)
		set(box->runtime, sizeof(box->runtime), t->runtime);
	if (o != NULL)
		fjson_object_put(o);
	fjson_tokener_free(tok);
	return found;
}

bool
boxparse(const struct boxread *r, const struct box_request *q,
    struct box *box)
{
	bool found = r->pod[0] != '\0';

	memset(box, 0, sizeof(*box));
	for (size_t i = 0; i < r->n; i++)
		found |= parse(&r->file[i], q, box);
	set(box->name, sizeof(box->name), r->name);
	set(box->pod, sizeof(box->pod), r->pod);
	set(box->space, sizeof(box->space), r->space);
	return found;
}
